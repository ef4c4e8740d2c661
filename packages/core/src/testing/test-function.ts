/** The assertions the suites use; ava's are these and more. */
export interface Assertions {
  is(actual: unknown, expected: unknown, message?: string): unknown;
  not(actual: unknown, expected: unknown, message?: string): unknown;
  true(actual: unknown, message?: string): unknown;
  false(actual: unknown, message?: string): unknown;
  truthy(actual: unknown, message?: string): unknown;
  deepEqual(actual: unknown, expected: unknown, message?: string): unknown;
}

/**
 * How a suite declares a test: ava's `test`, given by the author. The suites do not import a test runner, so that this entry can
 * be loaded outside one.
 */
export type TestFunction = (title: string, body: (t: Assertions) => Promise<void>) => void;
