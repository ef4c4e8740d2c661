import type { Need } from '@hyphae/core';

/**
 * A 1-Wire thermometer behind a bus master that does the protocol (the kernel's w1_therm, or a bridge). The conversion takes
 * up to 750 ms at 12 bits; conversions of one bus run together.
 */
export interface OneWireThermometer {
  /** ROM id as sysfs writes it: `28-0000075b3c1a`. */
  readonly name: string;
  /**
   * Converts and reads the nine bytes of the scratchpad, CRC included and not yet checked (DS18B20 datasheet, figure 9).
   *
   * @throws HYP_DEVICE_GONE when nothing answers
   */
  measure(): Promise<Uint8Array>;
}

/** Asks for a 1-Wire thermometer of one of these families (`28` is the DS18B20). The user names it: `28-0000075b3c1a`. */
export function oneWireThermometer({ families }: { readonly families: readonly number[] }): Need<OneWireThermometer> {
  return { kind: 'onewire', choices: families.map((family) => family.toString(16).padStart(2, '0')) };
}
