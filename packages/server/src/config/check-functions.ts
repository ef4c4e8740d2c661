import {
  channelPath,
  type FunctionDefinition,
  isUnit,
  type OutputDefinition,
  type OutputMode,
  type SensorDefinition,
  type Unit,
  unitInfo,
} from '@hyphae/core';
import { type Check, instances, pluginOf } from './check.js';
import type { ConfigPath } from './problem.js';
import { suggest } from './suggest.js';

/** Which outputs a function's wish can move: a switch also a level (0 or 1), the rest only its like. */
const MOVES: Readonly<Record<OutputMode, readonly OutputMode[]>> = {
  switch: ['switch', 'level'],
  level: ['level'],
  value: ['value'],
};

/** Every function finds its inputs in a quantity it can use, and moves outputs that exist, suit it and are moved by nobody else. */
export function checkFunctions(check: Check): void {
  const channels = channelsOf(check);
  const owners = new Map<string, ConfigPath>();
  for (const [name, section] of Object.entries(check.config.functions ?? {})) {
    const plugin = pluginOf(check, 'functions', section);
    if (!plugin) continue; // reported with the instances
    const definition = plugin as unknown as FunctionDefinition; // the kind decides the definition's type
    checkInputs(check, name, section.inputs, definition, channels);
    checkOutputs(check, name, section.outputs ?? {}, definition, owners);
  }
  checkCycles(check);
}

/** Every channel of the configuration with its unit, states of outputs included. Instances of unknown plugins have none. */
function channelsOf(check: Check): ReadonlyMap<string, Unit> {
  const channels = new Map<string, Unit>();
  for (const [name, section] of Object.entries(check.config.outputs ?? {})) {
    const plugin = pluginOf(check, 'outputs', section);
    const unit = (plugin as unknown as OutputDefinition | undefined)?.unit; // the kind decides the definition's type
    if (plugin) channels.set(channelPath(name, 'state'), unit ?? '1');
  }
  for (const [section, name, instance] of instances(check.config)) {
    if (section !== 'sensors' && section !== 'functions') continue;
    const plugin = pluginOf(check, section, instance);
    const own = (plugin as unknown as SensorDefinition | FunctionDefinition | undefined)?.channels; // the kind decides
    for (const [channel, unit] of Object.entries(own ?? {})) channels.set(channelPath(name, channel), unit);
  }
  return channels;
}

function checkInputs(
  check: Check,
  name: string,
  inputs: Readonly<Record<string, string>>,
  definition: FunctionDefinition,
  channels: ReadonlyMap<string, Unit>,
): void {
  const { source } = check;
  const base = ['functions', name, 'inputs'];
  for (const [input, path] of Object.entries(inputs)) {
    const at = [...base, input];
    if (!Object.hasOwn(definition.inputs, input)) {
      const known = Object.keys(definition.inputs);
      source.report(at, `${definition.id} has no input "${input}"; ${suggest(input, known, 'it has')}`, 'key');
      continue;
    }
    const unit = channels.get(path);
    if (unit === undefined) {
      if (isUnchecked(check, path)) continue;
      source.report(at, `no channel is called "${path}"; ${suggest(path, [...channels.keys()], 'there are')}`);
      continue;
    }
    const wanted = definition.inputs[input]?.unit;
    if (wanted === undefined || !isUnit(wanted) || unitInfo(unit).quantity === unitInfo(wanted).quantity) continue;
    source.report(
      at,
      `${path} is a ${unitInfo(unit).quantity} (${unit}), but the input wants a ${unitInfo(wanted).quantity} (${wanted}); connect another channel`,
    );
  }
  for (const input of Object.keys(definition.inputs)) {
    if (Object.hasOwn(inputs, input)) continue;
    source.report(base, `${definition.id} needs the input "${input}"; add ${input}: and the path of a channel`, 'key');
  }
}

/** True for a channel of an instance whose plugin is unknown: that is reported, and its consequences need not be. */
function isUnchecked(check: Check, path: string): boolean {
  for (const [section, name, instance] of instances(check.config)) {
    if (path.startsWith(`${name}/`) && !pluginOf(check, section, instance)) return true;
  }
  return false;
}

function checkOutputs(
  check: Check,
  name: string,
  outputs: Readonly<Record<string, string>>,
  definition: FunctionDefinition,
  owners: Map<string, ConfigPath>,
): void {
  const { source, config } = check;
  const known = definition.outputs ?? {};
  const base = ['functions', name, 'outputs'];
  for (const [output, instance] of Object.entries(outputs)) {
    const at = [...base, output];
    const spec = Object.hasOwn(known, output) ? known[output] : undefined;
    if (!spec) {
      source.report(
        at,
        `${definition.id} has no output "${output}"; ${suggest(output, Object.keys(known), 'it has')}`,
        'key',
      );
      continue;
    }
    const section = Object.hasOwn(config.outputs ?? {}, instance) ? config.outputs?.[instance] : undefined;
    if (!section) {
      const names = Object.keys(config.outputs ?? {});
      source.report(at, `no output is called "${instance}"; ${suggest(instance, names, 'there are')}`);
      continue;
    }
    const owner = owners.get(instance);
    if (owner) {
      const { line } = source.locate(owner);
      source.report(
        at,
        `"${String(owner[1])}" moves ${instance} already (line ${line}); an output follows one function`,
      );
    } else owners.set(instance, at);
    const plugin = pluginOf(check, 'outputs', section);
    const mode = (plugin as unknown as OutputDefinition | undefined)?.mode; // the kind decides the definition's type
    if (mode === undefined || MOVES[spec.mode].includes(mode)) continue;
    source.report(at, `${instance} is a ${mode}, but ${definition.id} moves a ${spec.mode}; connect another output`);
  }
  for (const [output, { optional }] of Object.entries(known)) {
    if (optional === true || Object.hasOwn(outputs, output)) continue;
    source.report(
      Object.keys(outputs).length > 0 ? base : base.slice(0, 2),
      `${definition.id} needs the output "${output}"; add outputs: { ${output}: … } with the name of an output`,
      'key',
    );
  }
}

/** Functions that feed each other in a circle would wait for each other for ever. */
function checkCycles({ config, source }: Check): void {
  const functions = config.functions ?? {};
  const names = Object.keys(functions);
  const feeds = (name: string) =>
    Object.entries(functions[name]?.inputs ?? {}).flatMap(([input, path]) => {
      const cut = path.lastIndexOf('/');
      const from = path.slice(0, Math.max(cut, 0));
      return Object.hasOwn(functions, from) ? [{ input, from }] : [];
    });
  const done = new Set<string>();
  for (const root of names) {
    // Depth first without recursion: a long chain must not exhaust the stack.
    const path = [{ name: root, next: 0 }];
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const edge = done.has(top.name) ? undefined : feeds(top.name)[top.next++];
      if (!edge) {
        done.add(top.name);
        path.pop();
        continue;
      }
      const start = path.findIndex(({ name }) => name === edge.from);
      if (start >= 0) {
        const circle = [...path.slice(start).map(({ name }) => name), edge.from].join(' → ');
        source.report(
          ['functions', top.name, 'inputs', edge.input],
          `these functions feed each other in a circle: ${circle}; break it`,
        );
      } else path.push({ name: edge.from, next: 0 });
    }
  }
}
