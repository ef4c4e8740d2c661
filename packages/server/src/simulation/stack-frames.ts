/** V8's two switches, as they are: Node's own types say that the first is always there. */
const switches = Error as unknown as { prepareStackTrace: unknown; stackTraceLimit: number };

const keep = (_error: Error, frames: readonly NodeJS.CallSite[]): readonly NodeJS.CallSite[] => frames;

/**
 * The calls that led to `below`, nearest first, at most so many. The frames of `below` and of whatever it called are left out.
 * No text is made of them, which is most of what a stack costs.
 */
export function framesAbove(below: (...args: never[]) => unknown, most: number): readonly NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = switches;
  switches.prepareStackTrace = keep;
  switches.stackTraceLimit = most;
  try {
    const holder: { stack?: readonly NodeJS.CallSite[] } = {};
    Error.captureStackTrace(holder, below);
    return holder.stack ?? []; // made at this first look, while keep() is in place
  } finally {
    switches.prepareStackTrace = prepareStackTrace;
    switches.stackTraceLimit = stackTraceLimit;
  }
}
