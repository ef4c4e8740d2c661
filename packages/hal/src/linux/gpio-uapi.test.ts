import test from 'ava';
import { endianness } from 'node:os';
import {
  EVENT_BYTES,
  GPIO_GET_CHIPINFO_IOCTL,
  GPIO_V2_GET_LINE_IOCTL,
  GPIO_V2_GET_LINEINFO_IOCTL,
  GPIO_V2_LINE_GET_VALUES_IOCTL,
  GPIO_V2_LINE_SET_VALUES_IOCTL,
  LINE_FLAG,
  lineEvents,
  lineRequest,
  lineValues,
} from './gpio-uapi.js';

const LITTLE = endianness() === 'LE';

test('request numbers are those a C compiler makes of linux/gpio.h', (t) => {
  t.is(GPIO_GET_CHIPINFO_IOCTL, 0x8044b401);
  t.is(GPIO_V2_GET_LINEINFO_IOCTL, 0xc100b405);
  t.is(GPIO_V2_GET_LINE_IOCTL, 0xc250b407);
  t.is(GPIO_V2_LINE_GET_VALUES_IOCTL, 0xc010b40e);
  t.is(GPIO_V2_LINE_SET_VALUES_IOCTL, 0xc010b40f);
});

test('a request has its fields where a C compiler puts them', (t) => {
  const bytes = lineRequest.build({
    offset: 17,
    consumer: 'a name that is longer than the field has room for',
    flags: LINE_FLAG.OUTPUT | LINE_FLAG.ACTIVE_LOW,
    initial: 1,
    eventBuffer: 1024,
  });
  const view = new DataView(bytes.buffer);
  t.is(bytes.length, 592);
  t.is(view.getUint32(0, LITTLE), 17);
  t.is(Buffer.from(bytes.subarray(256, 288)).toString(), 'a name that is longer than the \0');
  t.is(view.getBigUint64(288, LITTLE), 0b1010n);
  t.is(view.getUint32(296, LITTLE), 1, 'num_attrs');
  t.is(view.getUint32(320, LITTLE), 2, 'attrs[0].attr.id: output values');
  t.is(view.getBigUint64(328, LITTLE), 1n, 'attrs[0].attr.values');
  t.is(view.getBigUint64(336, LITTLE), 1n, 'attrs[0].mask');
  t.is(view.getUint32(560, LITTLE), 1, 'num_lines');
  t.is(view.getUint32(564, LITTLE), 1024, 'event_buffer_size');
  view.setInt32(588, 42, LITTLE);
  t.is(lineRequest.fd(bytes), 42);
});

test('an input request has no attributes', (t) => {
  const view = new DataView(lineRequest.build({ offset: 0, consumer: '', flags: LINE_FLAG.INPUT }).buffer);
  t.is(view.getUint32(296, LITTLE), 0);
  t.is(view.getBigUint64(336, LITTLE), 0n);
});

test('values carry one bit under a mask of one', (t) => {
  t.is(lineValues.level(lineValues.build(1)), 1);
  t.is(lineValues.level(lineValues.build(0)), 0);
  t.is(new DataView(lineValues.build(0).buffer).getBigUint64(8, LITTLE), 1n);
});

test('events are cut from what a read gave; a part of one is none', (t) => {
  const bytes = new Uint8Array(2 * EVENT_BYTES + 7);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, 123_456_789n, LITTLE);
  view.setUint32(8, 1, LITTLE);
  view.setUint32(20, 5, LITTLE);
  view.setUint32(EVENT_BYTES + 8, 2, LITTLE);
  view.setUint32(EVENT_BYTES + 20, 9, LITTLE);
  t.deepEqual(lineEvents(bytes), [
    { timestampNs: 123_456_789n, level: 1, sequence: 5 },
    { timestampNs: 0n, level: 0, sequence: 9 },
  ]);
});
