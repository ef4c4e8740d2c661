/*
 * Saturation vapour pressure over water after A. L. Buck (1981), "New equations for computing vapor pressure and enhancement
 * factor", with the coefficients of his 1996 revision (Buck Research CR-1A user's manual, appendix 1): −80 to 50 °C, within
 * 0.05 % of the reference equation of state above 0 °C.
 */
const A_KPA = 0.61121;
const B = 18.678;
const C = 257.14;
const D = 234.5;

/** Saturation vapour pressure over water, kPa, at a temperature in Cel. */
export function saturationVapourPressure(celsius: number): number {
  return A_KPA * Math.exp(((B - celsius / D) * celsius) / (C + celsius));
}

/**
 * Dew point in Cel of air with this vapour pressure in kPa: the exact inverse of {@link saturationVapourPressure}. `null` for
 * air without vapour, which has none.
 */
export function dewPoint(vapourPressureKpa: number): number | null {
  if (!(vapourPressureKpa > 0)) return null;
  // (B − T/D)·T = γ·(C + T) is a quadratic in T; the root near B·T = γ·C is the one meant.
  const gamma = Math.log(vapourPressureKpa / A_KPA);
  const half = (D / 2) * (B - gamma);
  const root = half ** 2 - D * C * gamma;
  return root >= 0 ? half - Math.sqrt(root) : null;
}

/**
 * Vapour pressure deficit in kPa between a leaf and the air around it. 0 where the leaf is at or below the dew point.
 *
 * @param celsius air temperature, Cel
 * @param humidity relative humidity, %
 * @param leafOffset leaf minus air temperature, K
 */
export function vapourPressureDeficit(celsius: number, humidity: number, leafOffset = 0): number {
  const deficit = saturationVapourPressure(celsius + leafOffset) - vapourPressure(celsius, humidity);
  return Math.max(0, deficit);
}

/** Vapour pressure in kPa. Humidity outside 0 to 100 %, which sensors report at the ends of their scale, counts as the end. */
export function vapourPressure(celsius: number, humidity: number): number {
  return saturationVapourPressure(celsius) * (Math.min(100, Math.max(0, humidity)) / 100);
}
