/** Structured log lines. `context` is plain data; secrets never belong in it. */
export interface Logger {
  debug(message: string, context?: object): void;
  info(message: string, context?: object): void;
  warn(message: string, context?: object): void;
  error(message: string, context?: object): void;
  /** A logger that adds these fields to each line. */
  child(fields: object): Logger;
}

const nothing = () => {};

/** A logger that drops everything, for tests and embedding. */
export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silentLogger,
};
