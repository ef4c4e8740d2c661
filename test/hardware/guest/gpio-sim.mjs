/* A GPIO chip of the kernel's own simulator, set up through configfs. */
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';

const ROOT = '/sys/kernel/config/gpio-sim';

/**
 * Makes a chip.
 *
 * @param names of lines, by offset
 * @param hogs lines the kernel itself uses from the start, by offset: the consumer's name
 */
export async function makeGpioChip(id, { lines = 54, label = 'pinctrl-bcm2711', names = {}, hogs = {} } = {}) {
  const bank = `${ROOT}/${id}/bank0`;
  await mkdir(bank, { recursive: true });
  await writeFile(`${bank}/num_lines`, String(lines));
  await writeFile(`${bank}/label`, label);
  for (const [offset, name] of Object.entries(names)) {
    await mkdir(`${bank}/line${offset}`, { recursive: true });
    await writeFile(`${bank}/line${offset}/name`, name);
  }
  for (const [offset, consumer] of Object.entries(hogs)) {
    await mkdir(`${bank}/line${offset}/hog`, { recursive: true });
    await writeFile(`${bank}/line${offset}/hog/name`, consumer);
    await writeFile(`${bank}/line${offset}/hog/direction`, 'input');
  }
  await writeFile(`${ROOT}/${id}/live`, '1');
  const text = async (path) => (await readFile(path, 'utf8')).trim();
  const device = await text(`${ROOT}/${id}/dev_name`);
  const chip = await text(`${bank}/chip_name`);
  const line = (offset) => `/sys/devices/platform/${device}/${chip}/sim_gpio${offset}`;
  return {
    chip,
    /** The level somebody outside would measure. */
    level: async (offset) => Number(await text(`${line(offset)}/value`)),
    /** Pulls the line from outside. */
    pull: (offset, level) => writeFile(`${line(offset)}/pull`, level === 1 ? 'pull-up' : 'pull-down'),
    /** Takes the chip away, whoever holds its lines. */
    remove: async () => {
      await writeFile(`${ROOT}/${id}/live`, '0');
      await rmdir(bank).catch(() => {});
    },
  };
}
