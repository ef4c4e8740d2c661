import type { InstanceState } from '@hyphae/core/kernel';
import type { RestContext } from './rest-context.js';

const STATES: readonly InstanceState[] = ['waiting', 'starting', 'running', 'faulty', 'stopped'];

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/** Backslash, quote and line feed are what the text format wants escaped. */
function label(value: string): string {
  return value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
}

function family(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => {
    const inner = Object.entries(labels).map(([key, text]) => `${key}="${label(text)}"`);
    return `${name}${inner.length > 0 ? `{${inner.join(',')}}` : ''} ${value}`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}${lines.length > 0 ? '\n' : ''}`;
}

/** The node in Prometheus text format 0.0.4. Written by hand: the usual library costs more at start than all else here. */
export function metricsText({ node, store, stream, clock, startedAt, standIn }: RestContext): string {
  const { scheduler } = node;
  const { tasks, running, runs, failures, overruns, latenessMs } = scheduler.metrics;
  const { counters, hub } = stream;
  const { measurements } = store;
  const one = (value: number): readonly Sample[] => [[{}, value]];
  const instances = node.status();
  const outputs = node.outputs.list();
  const seconds = (ms: number) => ms / 1_000;
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return [
    family('hyphae_uptime_seconds', 'gauge', 'Since the server started', one(seconds(clock.now() - startedAt))),
    family('process_resident_memory_bytes', 'gauge', 'Resident memory', one(rss)),
    family('process_heap_bytes', 'gauge', 'JavaScript heap in use', one(heapUsed)),
    family('process_cpu_seconds_total', 'counter', 'User and system CPU time', one((user + system) / 1e6)),
    family('hyphae_scheduler_tasks', 'gauge', 'Periodic tasks', one(tasks)),
    family('hyphae_scheduler_running', 'gauge', 'Runs in progress', one(running)),
    family('hyphae_scheduler_runs_total', 'counter', 'Runs begun', one(runs)),
    family('hyphae_scheduler_failures_total', 'counter', 'Runs that failed', one(failures)),
    family('hyphae_scheduler_overruns_total', 'counter', 'Slots skipped', one(overruns)),
    family('hyphae_scheduler_lateness_seconds', 'gauge', 'Lateness over the last runs', [
      [{ quantile: '0.5' }, seconds(latenessMs.p50)],
      [{ quantile: '0.99' }, seconds(latenessMs.p99)],
      [{ quantile: '1' }, seconds(latenessMs.max)],
    ]),
    family(
      'hyphae_instance_state',
      'gauge',
      '1 for the state an instance is in',
      instances.flatMap(({ id, kind, plugin, state }) =>
        STATES.map((each): Sample => [{ id, kind, plugin, state: each }, each === state ? 1 : 0]),
      ),
    ),
    family(
      'hyphae_instance_restarts_total',
      'counter',
      'Restarts of an instance',
      instances.map(({ id, restarts }): Sample => [{ id }, restarts]),
    ),
    family(
      'hyphae_task_overruns_total',
      'counter',
      'Slots an instance skipped',
      instances.flatMap(({ id, task }): readonly Sample[] => (task ? [[{ id }, task.overruns]] : [])),
    ),
    family(
      'hyphae_task_runs_total',
      'counter',
      'Runs of an instance',
      instances.flatMap(({ id, task }): readonly Sample[] => (task ? [[{ id }, task.runs]] : [])),
    ),
    family(
      'hyphae_output_value',
      'gauge',
      'Value an output confirmed',
      outputs.flatMap(({ id, confirmed }): readonly Sample[] => (confirmed === null ? [] : [[{ id }, confirmed]])),
    ),
    family(
      'hyphae_output_switches_total',
      'counter',
      'Times an output left its safe value',
      outputs.map(({ id, switches }): Sample => [{ id }, switches]),
    ),
    family('hyphae_store_head', 'gauge', 'Last committed sequence number', one(measurements.head)),
    family('hyphae_store_floor', 'gauge', 'Sequence numbers above it are kept', one(measurements.floor)),
    family('hyphae_store_channels', 'gauge', 'Channels ever committed', one(measurements.channels().length)),
    family(
      'hyphae_store_degraded',
      'gauge',
      '1 while readings cannot be kept on disk',
      one(stream.degraded || standIn ? 1 : 0),
    ),
    family('hyphae_store_dropped_total', 'counter', 'Readings dropped while the store refused', one(stream.dropped)),
    family('hyphae_stream_connections', 'gauge', 'Open connections', one(stream.all)),
    family('hyphae_stream_subscriptions', 'gauge', 'Open subscriptions', one(stream.subscribed)),
    family('hyphae_stream_groups', 'gauge', 'Distinct filters', one(hub.groups)),
    family('hyphae_stream_ring_records', 'gauge', 'Records in memory', one(hub.ringRecords)),
    family('hyphae_stream_handshakes_total', 'counter', 'Connections accepted', one(counters.handshakes)),
    family('hyphae_stream_refused_total', 'counter', 'Connections refused', one(counters.refused)),
    family('hyphae_stream_auth_failures_total', 'counter', 'Credentials refused', one(counters.authFailures)),
    family('hyphae_stream_messages_received_total', 'counter', 'Messages of clients', one(counters.received)),
    family('hyphae_stream_frames_total', 'counter', 'Frames sent', one(counters.frames)),
    family('hyphae_stream_bytes_total', 'counter', 'Bytes sent', one(counters.bytes)),
    family('hyphae_stream_records_total', 'counter', 'Records delivered', one(counters.records)),
    family('hyphae_stream_folded_total', 'counter', 'Records folded into later ones', one(counters.folded)),
    family('hyphae_stream_subscribed_total', 'counter', 'Subscriptions begun', one(counters.subscriptions)),
    family('hyphae_stream_resumed_total', 'counter', 'Subscriptions resumed or not', [
      [{ resumed: 'true' }, counters.resumed],
      [{ resumed: 'false' }, counters.notResumed],
    ]),
    family('hyphae_stream_ahead_total', 'counter', 'Clients ahead of the log', one(counters.ahead)),
    family('hyphae_stream_store_reads_total', 'counter', 'Pages read to catch up', one(counters.catchUpReads)),
    family('hyphae_commands_total', 'counter', 'Commands accepted', one(counters.commands)),
    family(
      'hyphae_stream_closes_total',
      'counter',
      'Connections the server closed',
      [...counters.closes].map(([code, count]): Sample => [{ code: String(code) }, count]),
    ),
    family(
      'hyphae_stream_errors_total',
      'counter',
      'Errors told to clients',
      [...counters.errors].map(([code, count]): Sample => [{ code }, count]),
    ),
  ].join('');
}
