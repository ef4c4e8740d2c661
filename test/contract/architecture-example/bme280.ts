// The plugin that the architecture prints as a contract, letter for letter. Only the imports and the comment above are not part of it.
import { defineSensor, DeviceIdentityError, hex } from '@hyphae/core'
import { i2cDevice } from '@hyphae/hal'
import { compensate, decodeCalibration } from '@hyphae/plugins/bme280'

export const bme280 = defineSensor({
  id: 'bme280',
  channels: { temperature: 'Cel', humidity: '%', pressure: 'hPa' },
  needs: { chip: i2cDevice({ addresses: [0x76, 0x77] }) },
  async start({ chip }, { clock, signal }) {
    const [id] = await chip.readRegister(0xd0)
    if (id !== 0x60) throw new DeviceIdentityError({ device: chip.name, expected: '0x60', found: hex(id) })
    const calibration = decodeCalibration(await chip.readRegister(0x88, 26), await chip.readRegister(0xe1, 7))
    await chip.writeRegister(0xf2, 0b001)                  // humidity ×1, taken over by the next control write
    return {
      async sample() {
        await chip.writeRegister(0xf4, 0b001_001_01)       // temperature ×1, pressure ×1, one forced measurement
        await clock.sleep('10 ms', { signal })             // 9.3 ms at most (§9.1)
        return compensate(await chip.readRegister(0xf7, 8), calibration)
      },
    }
  },
})
