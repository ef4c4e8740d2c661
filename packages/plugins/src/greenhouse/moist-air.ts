/** Specific gas constant of water vapour, J/(kg·K). */
const VAPOUR_GAS_CONSTANT = 461.5;

/**
 * Water vapour in saturated air, kg/m³, at a temperature in Cel (Magnus formula of WMO-No. 8, 2018, annex 4.B; gas law).
 * Temperatures beyond −80 and 80 °C count as these.
 */
export function saturatedVapour(celsius: number): number {
  const t = Math.min(80, Math.max(-80, celsius));
  return (611.2 * Math.exp((17.62 * t) / (243.12 + t))) / (VAPOUR_GAS_CONSTANT * (t + 273.15));
}
