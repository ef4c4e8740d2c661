import test from 'ava';
import { LinuxI2cBus } from './linux-i2c-bus.js';
import type { Done, I2cFunctions } from './native.js';

const FUNCTIONS: I2cFunctions = {
  i2c: true,
  smbusQuick: true,
  smbusReceiveByte: true,
  smbusSendByte: true,
  smbusReadByte: true,
  smbusWriteByte: true,
  smbusReadWord: true,
  smbusWriteWord: true,
  smbusReadI2cBlock: true,
  smbusWriteI2cBlock: true,
};

/** Stands for i2c-bus where the chip at 0x50 answers, and others fail with their address as error number. */
function fake(functions = FUNCTIONS) {
  const log: string[] = [];
  let underWay = 0;
  let most = 0;
  const later = <T>(done: Done<T>, errno: number, value: T) => {
    most = Math.max(most, ++underWay);
    queueMicrotask(() => {
      underWay--;
      done(errno === 0 ? null : Object.assign(new Error('failed'), { errno, code: '' }), value);
    });
  };
  const errno = (address: number) => (address === 0x50 ? 0 : address);
  /** How many bytes fewer than asked are transferred, as the kernel may end a transfer early. */
  const short = { by: 0 };
  const load = async (name: string) => {
    if (name !== 'i2c-bus') throw new Error(`${name} is not installed`);
    return {
      openSync(bus: number) {
        log.push(`open ${bus}`);
        return {
          i2cFuncs: (done: Done<I2cFunctions>) => later(done, 0, functions),
          i2cRead(address: number, length: number, into: Buffer, done: Done<number>) {
            into.fill(0x5a, 0, length - short.by);
            later(done, errno(address), length - short.by);
          },
          i2cWrite(address: number, length: number, _from: Buffer, done: Done<number>) {
            later(done, errno(address), length - short.by);
          },
          readI2cBlock(address: number, _register: number, length: number, into: Buffer, done: Done<number>) {
            into.fill(0x5a, 0, length - short.by);
            later(done, errno(address), length - short.by);
          },
          writeI2cBlock(address: number, _register: number, length: number, _from: Buffer, done: Done<number>) {
            later(done, errno(address), length - short.by);
          },
          close(done: Done) {
            log.push('close');
            later(done, 0, undefined);
          },
        };
      },
    };
  };
  return { log, load, short, most: () => most };
}

test('a bus is opened when it is first used and closed once', async (t) => {
  const { log, load } = fake();
  const bus = new LinuxI2cBus(3, load);
  t.is(bus.name, 'i2c-3');
  t.deepEqual(log, []);
  t.deepEqual(await bus.transfer(0x50, [{ read: 2 }]), [Buffer.of(0x5a, 0x5a)]);
  await bus.transfer(0x50, [{ read: 2 }]);
  await bus[Symbol.asyncDispose]();
  await bus[Symbol.asyncDispose]();
  t.deepEqual(log, ['open 3', 'close']);
});

test('one transfer at a time is in the kernel, in the order they were asked for', async (t) => {
  const { load, most } = fake();
  const bus = new LinuxI2cBus(1, load);
  const order: number[] = [];
  await Promise.all([1, 2, 3, 4].map((n) => bus.transfer(0x50, [{ read: n }]).then(() => order.push(n))));
  t.deepEqual(order, [1, 2, 3, 4]);
  t.is(most(), 1);
});

test('after ENODEV and EBUSY the files are opened afresh; other failures leave them open', async (t) => {
  const { log, load } = fake();
  const bus = new LinuxI2cBus(1, load);
  await t.throwsAsync(bus.transfer(19, [{ read: 1 }]), { code: 'HYP_I2C_NO_ACK' });
  await bus.transfer(0x50, [{ read: 1 }]);
  t.deepEqual(log, ['open 1', 'close', 'open 1']);
  await t.throwsAsync(bus.transfer(16, [{ read: 1 }]), { code: 'HYP_I2C_BUSY' });
  await bus.transfer(0x50, [{ read: 1 }]);
  t.deepEqual(log, ['open 1', 'close', 'open 1', 'close', 'open 1']);
  await t.throwsAsync(bus.transfer(110, [{ read: 1 }]), { code: 'HYP_I2C_TIMEOUT' });
  await t.throwsAsync(bus.transfer(11, [{ read: 1 }]), { code: 'HYP_I2C_ARBITRATION' });
  t.deepEqual(log, ['open 1', 'close', 'open 1', 'close', 'open 1']);
});

test('what is no transaction is refused before the bus is touched', async (t) => {
  const { load, log } = fake();
  const bus = new LinuxI2cBus(1, load);
  for (const address of [0x00, 0x02, 0x78, 0x500, 3.5, Number.NaN]) {
    await t.throwsAsync(bus.transfer(address, [{ read: 1 }]), { code: 'HYP_I2C_BUS' }, String(address));
  }
  await t.throwsAsync(bus.transfer(0x50, [{ read: 8193 }]), { code: 'HYP_I2C_BUS' });
  await t.throwsAsync(
    bus.transfer(
      0x50,
      Array.from({ length: 43 }, () => ({ read: 1 })),
    ),
    { code: 'HYP_I2C_BUS' },
  );
  t.deepEqual(log, []);
  await t.throwsAsync(bus.transfer(0x50, []), { code: 'HYP_I2C_BUS' });
});

test('a transaction that needs koffi says so where it is missing, and the others work on', async (t) => {
  const { load } = fake();
  const bus = new LinuxI2cBus(1, load);
  const combined = bus.transfer(0x50, [{ write: Uint8Array.of(1, 2) }, { read: 2 }]);
  await t.throwsAsync(combined, { code: 'HYP_MODULE_MISSING', message: /koffi/ });
  t.is((await bus.transfer(0x50, [{ read: 2 }])).length, 1);
});

test('a transfer that the kernel ended early is an error, not zeros', async (t) => {
  const smbus = { ...FUNCTIONS, i2c: false };
  for (const [functions, segments, why] of [
    [FUNCTIONS, [{ read: 8 }], 'only 1 of 8 bytes were read'],
    [FUNCTIONS, [{ write: new Uint8Array(8) }], 'only 1 of 8 bytes were written'],
    [FUNCTIONS, [{ write: Uint8Array.of(1) }, { read: 8 }], 'only 1 of 8 bytes were read'],
    [smbus, [{ write: new Uint8Array(9) }], 'only 1 of 8 bytes were written'],
  ] as const) {
    const { load, short } = fake(functions);
    const bus = new LinuxI2cBus(1, load);
    await bus.transfer(0x50, segments);
    short.by = 7;
    await t.throwsAsync(bus.transfer(0x50, segments), { code: 'HYP_I2C_BUS', message: new RegExp(why) });
    short.by = 0;
    await bus.transfer(0x50, segments);
  }
});
