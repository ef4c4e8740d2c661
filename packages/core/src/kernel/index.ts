export type {
  BoardPlan,
  FunctionPlan,
  NodePlan,
  OutputLimits,
  OutputPlan,
  SensorPlan,
  ServicePlan,
} from './node-plan.js';
export type {
  ApplyReport,
  InstanceKind,
  InstanceState,
  InstanceStatus,
  Node,
  NodeEvents,
  OutputRequest,
  Outputs,
  OutputStatus,
} from './node.js';
