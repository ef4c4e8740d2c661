import { type Check, instances } from './check.js';

/** Names are unique across kinds, also where only the case differs: they are paths, and some of them files. */
export function checkNames({ config, source }: Check): void {
  const seen = new Map<string, readonly [section: string, name: string]>();
  for (const [section, name] of instances(config)) {
    const folded = name.toLowerCase();
    const first = seen.get(folded);
    if (!first) {
      seen.set(folded, [section, name]);
      continue;
    }
    const { line } = source.locate(first, 'key');
    source.report(
      [section, name],
      `"${name}" is also the name of one of the ${first[0]} (line ${line}${first[1] === name ? '' : `, as "${first[1]}"`}); give one of them another name`,
      'key',
    );
  }
  const boards = new Map<string, number>();
  for (const [index, board] of (config.boards ?? []).entries()) {
    if (board.name === undefined) continue;
    const first = boards.get(board.name.toLowerCase());
    if (first === undefined) boards.set(board.name.toLowerCase(), index);
    else source.report(['boards', index, 'name'], `board ${first + 1} has this name already; choose another`);
  }
}
