/*
 * A DS2482-100 bridge from I²C to 1-Wire and DS18B20 thermometers at bit level, so that the kernel's own 1-Wire drivers work on
 * top of them. By the datasheets of both: DS2482-100 "Function Commands" and "Status Register", DS18B20 figures 9 to 12.
 */

const COMMAND = {
  RESET: 0xf0,
  POINTER: 0xe1,
  CONFIGURE: 0xd2,
  BUS_RESET: 0xb4,
  BIT: 0x87,
  WRITE: 0xa5,
  READ: 0x96,
  TRIPLET: 0x78,
};
const POINTER = { STATUS: 0xf0, DATA: 0xe1, CONFIGURATION: 0xc3 };
const STATUS = { PRESENCE: 0x02, LOGIC_LEVEL: 0x08, RESET: 0x10, BIT: 0x20, SECOND_BIT: 0x40, DIRECTION: 0x80 };

/** CRC-8 of Maxim's application note 27: x⁸+x⁵+x⁴+1, least significant bit first. */
export function crc8(bytes) {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0x8c : crc >> 1;
  }
  return crc;
}

/** One thermometer on the wire. Each time slot carries one bit; the wire is the AND of what all put on it. */
export class WireThermometer {
  celsius;
  plugged = true;
  #rom;
  #scratchpad = Uint8Array.of(0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10); // 85 °C until the first conversion
  #state = 'idle';
  #received = [];
  #sending = [];

  constructor(serial, celsius) {
    const id = [0x28, ...serial];
    this.#rom = [...id, crc8(id)];
    this.celsius = celsius;
  }

  /** Reset pulse; says whether it answers with a presence pulse. */
  reset() {
    this.#state = this.plugged ? 'rom' : 'idle';
    this.#received = [];
    this.#sending = [];
    return this.plugged;
  }

  /** One slot: takes what the master puts on the wire, returns what is on it with this chip. */
  slot(bit) {
    if (!this.plugged || this.#state === 'idle') return bit;
    if (this.#state === 'search') return this.#searchSlot(bit);
    if (this.#sending.length > 0) return bit & this.#sending.shift();
    this.#received.push(bit);
    const complete = this.#state === 'match' ? 64 : this.#state === 'write' ? 24 : 8;
    if (this.#received.length === complete) this.#command(this.#received.splice(0));
    return bit;
  }

  // Each bit of the ROM takes three slots: the bit, its complement, and the master's choice.
  #searchSlot(bit) {
    const own = bits(this.#rom)[this.#received.length];
    this.#phase = (this.#phase + 1) % 3;
    if (this.#phase === 1) return bit & own;
    if (this.#phase === 2) return bit & (own ^ 1);
    if (bit !== own) this.#state = 'idle';
    else if (this.#received.push(bit) === 64) {
      this.#received = [];
      this.#state = 'function';
    }
    return bit;
  }
  #phase = 0;

  #command(received) {
    const values = bytesOf(received);
    if (this.#state === 'match') {
      this.#state = values.every((value, index) => value === this.#rom[index]) ? 'function' : 'idle';
    } else if (this.#state === 'write') {
      this.#scratchpad.set(values, 2);
      this.#state = 'idle';
    } else if (this.#state === 'rom') {
      this.#phase = 0;
      this.#state = { 0xf0: 'search', 0x55: 'match', 0xcc: 'function' }[values[0]] ?? 'idle';
      if (values[0] === 0x33) this.#send(this.#rom);
    } else {
      this.#function(values[0]);
    }
  }

  #function(command) {
    if (command === 0x44) new DataView(this.#scratchpad.buffer).setInt16(0, Math.round(this.celsius * 16), true);
    else if (command === 0xbe) this.#send([...this.#scratchpad, crc8(this.#scratchpad)]);
    else if (command === 0x4e) this.#state = 'write';
    else if (command === 0xb4) this.#send([0xff]); // not powered from the data line
  }

  #send(values) {
    this.#sending = bits(values);
  }
}

/** The bridge, as the I²C bus sees it. */
export class Ds2482 {
  #chips;
  #pointer = POINTER.STATUS;
  #status = STATUS.RESET | STATUS.LOGIC_LEVEL;
  #configuration = 0;
  #data = 0xff;

  constructor(chips) {
    this.#chips = chips;
  }

  transfer(segments) {
    return segments.flatMap((segment) => {
      if ('read' in segment) return [new Uint8Array(segment.read).fill(this.#register())];
      this.#write([...segment.write]);
      return [];
    });
  }

  #register() {
    if (this.#pointer === POINTER.DATA) return this.#data;
    return this.#pointer === POINTER.CONFIGURATION ? this.#configuration : this.#status;
  }

  #write(queue) {
    while (queue.length > 0) {
      const command = queue.shift();
      this.#pointer = POINTER.STATUS;
      if (command === COMMAND.RESET) {
        this.#status = STATUS.RESET | STATUS.LOGIC_LEVEL;
        this.#configuration = 0;
      } else if (command === COMMAND.POINTER) this.#pointer = queue.shift();
      else if (command === COMMAND.CONFIGURE) {
        this.#configuration = queue.shift() & 0x0f;
        this.#pointer = POINTER.CONFIGURATION;
      } else if (command === COMMAND.BUS_RESET) {
        const present = this.#chips.map((chip) => chip.reset()).includes(true);
        this.#status = STATUS.LOGIC_LEVEL | (present ? STATUS.PRESENCE : 0);
      } else if (command === COMMAND.BIT) this.#status = flag(this.#status, STATUS.BIT, this.#slot(queue.shift() >> 7));
      else if (command === COMMAND.WRITE) for (const bit of bits([queue.shift()])) this.#slot(bit);
      else if (command === COMMAND.READ) [this.#data] = bytesOf(Array.from({ length: 8 }, () => this.#slot(1)));
      else if (command === COMMAND.TRIPLET) this.#triplet(queue.shift() >> 7);
    }
  }

  #triplet(wish) {
    const first = this.#slot(1);
    const second = this.#slot(1);
    const direction = first !== second ? first : first === 1 ? 1 : wish;
    this.#slot(direction);
    this.#status = flag(this.#status, STATUS.BIT, first);
    this.#status = flag(this.#status, STATUS.SECOND_BIT, second);
    this.#status = flag(this.#status, STATUS.DIRECTION, direction);
  }

  #slot(bit) {
    return this.#chips.reduce((wire, chip) => wire & chip.slot(bit), bit);
  }
}

const bits = (values) => [...values].flatMap((value) => Array.from({ length: 8 }, (_, bit) => (value >> bit) & 1));
const bytesOf = (list) =>
  Array.from({ length: list.length / 8 }, (_, index) =>
    list.slice(8 * index, 8 * index + 8).reduce((value, bit, position) => value | (bit << position), 0),
  );
const flag = (status, mask, bit) => (bit === 1 ? status | mask : status & ~mask);
