import type { Quality } from '@hyphae/core';

/** True, false, or unknown (`undefined`), where a value that decides it is missing. */
export type Truth = boolean | undefined;

/** The comparisons a condition can make. */
export const OPERATORS = ['<=', '>=', '==', '!=', '<', '>'] as const;
/** One of {@link OPERATORS}. */
export type Operator = (typeof OPERATORS)[number];

/** The words that may follow `is` and ask for the quality of the last reading. */
export const QUALITY_WORDS: readonly Quality[] = ['good', 'stale', 'suspect', 'bad'];

/** A condition on the last readings of channels, as a tree. */
export type Expression =
  | { readonly kind: 'compare'; readonly path: string; readonly operator: Operator; readonly value: number }
  | { readonly kind: 'range'; readonly path: string; readonly low: number; readonly high: number }
  | { readonly kind: 'quality'; readonly path: string; readonly quality: Quality }
  | { readonly kind: 'presence'; readonly path: string; readonly present: boolean }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Expression[] };

/** A condition that was read from text. */
export interface Condition {
  /** Its canonical text. */
  readonly text: string;
  readonly root: Expression;
  /** The channels it names, each once. */
  readonly paths: readonly string[];
  /** Those of them that must have a reading for it to mean anything: all but the ones only asked to be present or missing. */
  readonly needed: readonly string[];
}

/** Makes a condition of a tree. */
export function conditionOf(root: Expression): Condition {
  const paths = new Set<string>();
  const needed = new Set<string>();
  const visit = (expression: Expression): void => {
    if (expression.kind === 'not') return visit(expression.of);
    if (!('path' in expression)) return expression.of.forEach(visit);
    paths.add(expression.path);
    if (expression.kind !== 'presence') needed.add(expression.path);
  };
  visit(root);
  return { text: printExpression(root), root, paths: [...paths], needed: [...needed] };
}

/** Writes a tree so that reading the text gives the same tree. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'compare':
      return `${expression.path} ${expression.operator} ${expression.value}`;
    case 'range':
      return `${expression.path} in ${expression.low}..${expression.high}`;
    case 'quality':
      return `${expression.path} is ${expression.quality}`;
    case 'presence':
      return `${expression.path} is ${expression.present ? 'present' : 'missing'}`;
    case 'not':
      return `not ${bracketed(expression.of, ['all', 'any'])}`;
    case 'all':
      return expression.of.map((each) => bracketed(each, ['all', 'any'])).join(' and ');
    case 'any':
      return expression.of.map((each) => bracketed(each, ['any'])).join(' or ');
  }
}

function bracketed(expression: Expression, kinds: readonly Expression['kind'][]): string {
  const text = printExpression(expression);
  return kinds.includes(expression.kind) ? `(${text})` : text;
}
