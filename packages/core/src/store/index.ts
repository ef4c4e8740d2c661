export type {
  Bucket,
  ChannelInfo,
  Committed,
  LogRecord,
  MeasurementQuery,
  MeasurementStore,
  StateStore,
  Store,
} from './measurement-store.js';
