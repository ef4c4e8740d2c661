/** One-minute load average from the text of `/proc/loadavg` (proc(5)). `null` where it is not there. */
export function parseLoad(text: string): number | null {
  return finite(Number.parseFloat(text));
}

/** Seconds since boot from the text of `/proc/uptime` (proc(5)). */
export function parseUptime(text: string): number | null {
  return finite(Number.parseFloat(text));
}

/**
 * Memory that is not available to programs, in % of all, from the text of `/proc/meminfo` (proc(5)). What the kernel uses as
 * cache and would give back counts as available. `null` where the kernel does not say.
 */
export function parseMemoryUsed(text: string): number | null {
  const total = field(text, 'MemTotal');
  const available = field(text, 'MemAvailable');
  if (total === null || available === null || total <= 0) return null;
  return (100 * (total - available)) / total;
}

/** °C from the text of a thermal zone's `temp`, which is in thousandths (kernel docs, "Thermal sysfs"). */
export function parseMillidegrees(text: string): number | null {
  const trimmed = text.trim();
  return /^-?\d+$/.test(trimmed) ? Number(trimmed) / 1000 : null;
}

function field(text: string, name: string): number | null {
  const match = new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(text);
  return match ? Number(match[1]) : null;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
