// The test that the architecture prints as a contract, letter for letter. Only the imports and the comment above are not part of it.
import { bench } from '@hyphae/core/testing'
import { simBoard } from '@hyphae/hal/sim'
import { Bme280Sim } from '@hyphae/plugins/bme280/sim'
import test from 'ava'
import { bme280 } from './bme280.js'

test('reports every minute, and says why when the chip goes away', async t => {
  const chip = new Bme280Sim({ temperature: 21.5, humidity: 48, pressure: 1013.2 })
  await using rig = await bench(bme280, { period: '1 min', board: simBoard({ i2c: { 0x76: chip } }) })
  t.is((await rig.periods(10)).length, 10)
  chip.unplug()
  await rig.periods(1)
  t.is(rig.fault?.code, 'HYP_I2C_NO_ACK')
})
