/** The promise that work returned; `undefined` for any other result, so that synchronous work costs none. */
export function asPromise<T>(result: T | PromiseLike<T>): Promise<T> | undefined {
  if (result instanceof Promise) return result as Promise<T>; // narrowed to any
  if (typeof result !== 'object' || result === null || !('then' in result)) return undefined;
  return Promise.resolve(result);
}
