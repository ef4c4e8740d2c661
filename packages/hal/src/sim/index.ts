export { defineChip } from './chip.js';
export type {
  ChipBus,
  ChipDefinition,
  ChipOf,
  SimI2cChip,
  SimOneWireDevice,
  SimSerialDevice,
  Surroundings,
} from './chip.js';
export { definePlant } from './plant.js';
export type { Plant, PlantDefinition } from './plant.js';
