import { defineError } from '@hyphae/core';

// I²C. Operating-system errors are mapped once, in the provider, following the kernel's Documentation/i2c/fault-codes.rst.
export const I2cNoAckError = defineError<{ bus: string; address: string }>()(
  'HYP_I2C_NO_ACK',
  'Nothing answered at address {address} on {bus}',
  { retryable: true, remedy: 'Check wiring, supply and address; `hyphae scan` lists what answers.' },
);
export const I2cArbitrationError = defineError<{ bus: string; address: string }>()(
  'HYP_I2C_ARBITRATION',
  'Another master took {bus} while talking to {address}',
  { retryable: true, remedy: 'Tried again by itself; if frequent, look for a second master or noise.' },
);
export const I2cTimeoutError = defineError<{ bus: string; address: string }>()(
  'HYP_I2C_TIMEOUT',
  '{address} on {bus} did not finish a transfer in time',
  { retryable: true, remedy: 'A chip may hold the clock or data line; power-cycle it, lower the bus speed.' },
);
export const I2cBusError = defineError<{ bus: string; address: string; why: string }>()(
  'HYP_I2C_BUS',
  'Transfer with {address} on {bus} failed: {why}',
  { retryable: true, remedy: 'Check pull-ups, cable length and supply.' },
);
export const I2cBusyError = defineError<{ bus: string; address: string }>()(
  'HYP_I2C_BUSY',
  '{address} on {bus} is used by a kernel driver',
  { remedy: 'Remove the overlay or unbind the kernel driver, or read the device through it.' },
);
export const I2cStuckError = defineError<{ bus: string; line: string }>()(
  'HYP_I2C_STUCK',
  '{bus} is stuck: {line} is held low',
  { retryable: true, remedy: 'Power-cycle the devices of this bus; one of them holds the line.' },
);
export const I2cHeldError = defineError<{ bus: string; address: string; holder: string }>()(
  'HYP_I2C_HELD',
  '{address} cannot be reached: {holder} has been holding {bus} for too long',
  { retryable: true, remedy: 'Look at the holder named, not at this device: power-cycle it, or mend its driver.' },
);
export const I2cQueueError = defineError<{ bus: string; address: string; waiting: number }>()(
  'HYP_I2C_QUEUE',
  '{waiting} transfers already wait for {bus}; the one to {address} was not queued',
  { retryable: true, remedy: 'Read fewer devices of this bus at a time, less often, or raise the bus speed.' },
);
export const I2cArgumentError = defineError<{ device: string; why: string }>()(
  'HYP_I2C_ARGUMENT',
  'The call for {device} is not possible: {why}',
  { remedy: 'Correct the address under `use`; if it is right, report this to the plugin’s author.' },
);

// GPIO
export const GpioBusyError = defineError<{ line: string; consumer: string }>()(
  'HYP_GPIO_BUSY',
  'Line {line} is in use by {consumer}',
  { remedy: 'Stop the other program or overlay, or choose another line.' },
);
export const GpioLineError = defineError<{ line: string; why: string }>()(
  'HYP_GPIO_LINE',
  'Line {line} failed: {why}',
  { retryable: true, remedy: 'Check that chip and line exist: `gpioinfo` or `hyphae scan`.' },
);

// Serial
export const SerialTimeoutError = defineError<{ port: string; timeout: string }>()(
  'HYP_SERIAL_TIMEOUT',
  'No whole answer on {port} within {timeout}',
  { retryable: true, remedy: 'Check wiring (TX to RX), baud rate and supply of the device.' },
);
export const SerialClosedError = defineError<{ port: string; why: string }>()(
  'HYP_SERIAL_CLOSED',
  'Port {port} is closed: {why}',
  { retryable: true, remedy: 'Plug the adapter in again; the port is reopened by itself.' },
);
export const SerialOverflowError = defineError<{ port: string; bytes: number }>()(
  'HYP_SERIAL_OVERFLOW',
  '{port} sent {bytes} bytes without a whole frame; they were dropped',
  { retryable: true, remedy: 'Check baud rate and the kind of device.' },
);
export const SerialInUseError = defineError<{ port: string }>()(
  'HYP_SERIAL_IN_USE',
  'Frames of {port} are already being read',
  { remedy: 'One reader at a time: end the other loop over `frames` first. Report this to the plugin’s author.' },
);
export const SerialQueueError = defineError<{ port: string; waiting: number }>()(
  'HYP_SERIAL_QUEUE',
  '{waiting} calls already wait for {port}; this one was not queued',
  { retryable: true, remedy: 'Ask the device less often, or wait for each answer before the next request.' },
);
export const SerialFramingError = defineError<{ port: string; found: unknown }>()(
  'HYP_SERIAL_FRAMING',
  'The framing used on {port} answered {found}, which is no number of bytes',
  { remedy: 'A framing returns a whole number. Report this to the plugin’s author.' },
);

// PWM
export const PwmBusyError = defineError<{ channel: string }>()(
  'HYP_PWM_BUSY',
  'PWM channel {channel} is in use by the kernel or another program',
  { remedy: 'Stop the other program, remove the overlay that uses it, or choose another channel.' },
);
export const PwmChannelError = defineError<{ channel: string; why: string }>()(
  'HYP_PWM_CHANNEL',
  'PWM channel {channel} failed: {why}',
  {
    retryable: true,
    remedy: 'Check that the chip has this channel (`hyphae scan`) and can do this frequency and polarity.',
  },
);
export const PwmRangeError = defineError<{ channel: string; why: string }>()(
  'HYP_PWM_RANGE',
  '{channel} cannot be set: {why}',
  { remedy: 'Give a frequency above 0 Hz and a duty cycle from 0 to 1.' },
);

// Any device
export const PermissionError = defineError<{ path: string; group: string }>()(
  'HYP_PERMISSION',
  'No permission to open {path}',
  { remedy: 'Add the user to the group named in the error (i2c, gpio, dialout) and log in again.' },
);
export const DeviceGoneError = defineError<{ device: string; why: string }>()(
  'HYP_DEVICE_GONE',
  '{device} is gone: {why}',
  { retryable: true, remedy: 'Plug it in again; it is taken up by itself.' },
);
