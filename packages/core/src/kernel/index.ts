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
export { createNode } from './create-node.js';
export type { NodeParts } from './create-node.js';
export type { RecorderOptions } from './recorder.js';
export { plainCheck } from './plain-check.js';
export type { PlainCheck } from './plain-check.js';
