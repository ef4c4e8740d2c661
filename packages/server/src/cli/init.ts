import { copyFile, writeFile } from 'node:fs/promises';
import { constants, existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { CONFIG_FILE, EMBEDDED_CONFIG } from '../daemon/locate.js';
import { DataDirectoryError } from '../daemon/errors.js';
import { makeFolder } from '../daemon/make-folder.js';
import { hasErrno } from '../http/errno.js';
import type { CommandContext } from './main.js';
import { PLUGIN_FOLDER } from './plugins.js';

/** Options of `hyphae init`. */
export interface InitOptions {
  readonly dir: string;
  readonly simulated: boolean;
}

/** What of a data directory does not belong in version control: secrets, readings, what npm installs. */
const GITIGNORE = `node_modules/
token
server.json
node.lock*
*.db
*.db-*
`;

/** Writes configuration, package.json for plugins, and .gitignore. Existing files are kept. @throws HYP_DATA_DIRECTORY */
export async function init({ terminal, cwd }: CommandContext, { dir, simulated }: InitOptions): Promise<void> {
  const folder = resolve(cwd, dir);
  const write = async (file: string, make: (path: string) => Promise<void>) => {
    const path = join(folder, file);
    const shown = relative(cwd, path) || file;
    try {
      await make(path);
      terminal.out(`${terminal.paint('green', 'wrote')} ${shown}`);
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw failed(folder, error);
      terminal.out(`${terminal.paint('dim', 'kept ')} ${shown} (it is there already)`);
    }
  };
  await makeFolder(folder).catch((error: unknown) => {
    throw failed(folder, error);
  });
  const own = (text: string) => (path: string) => writeFile(path, text, { flag: 'wx' });
  await write(CONFIG_FILE, (path) =>
    simulated ? copyFile(EMBEDDED_CONFIG, path, constants.COPYFILE_EXCL) : own(hardwareConfig())(path),
  );
  await write('package.json', own(PLUGIN_FOLDER));
  await write('.gitignore', own(GITIGNORE));

  const there = relative(cwd, folder);
  terminal.out();
  terminal.out('Next:');
  if (there !== '') terminal.out(`  cd ${there}`);
  if (!simulated) terminal.out(`  edit ${CONFIG_FILE}: say what is connected where`);
  terminal.out('  hyphae check         what is wrong with it, line by line');
  terminal.out('  hyphae start         run it; values appear here');
  terminal.out("  hyphae watch '#'     the same in a second terminal");
  if (simulated) terminal.out('  hyphae simulate --for 7d   a week of it in seconds');
}

/** A file for the hardware of this machine: it runs as it is, reading the machine itself, and shows how to add the rest. */
function hardwareConfig(): string {
  const bus = existsSync('/dev/i2c-1')
    ? ''
    : '# This machine has no /dev/i2c-1; on a Raspberry Pi: raspi-config, Interfaces, I2C.\n';
  return `# What this node reads and drives. \`hyphae check\` tells what is wrong with it; \`hyphae plugins\` lists what there is.
hyphae: 1

# The buses, lines and ports of this machine.
boards:
  - provider: linux

${bus}sensors:
  host: { plugin: host, period: 10 s } # this machine: load, memory, disk, temperature
  # A BME280 on the I2C bus of a Raspberry Pi (pins 3 and 5). Remove the # in front to use it.
  # gh1/air: { plugin: bme280, period: 10 s, use: { chip: i2c-1/0x76 } }

# outputs:
#   gh1/heater: { plugin: relay, use: { line: gpiochip0/17 }, limits: { maxOn: 30 min, minOff: 2 min } }

# functions:
#   gh1/warm:
#     plugin: thermostat
#     inputs: { air: gh1/air/temperature }
#     outputs: { heater: gh1/heater }
#     options: { setpoint: 21, band: 0.5 }

server: { listen: 127.0.0.1:8080 }
store: { client: sqlite3, file: hyphae.db }
`;
}

function failed(folder: string, cause: unknown): Error {
  return new DataDirectoryError({ folder, why: cause instanceof Error ? cause.message : String(cause) }, { cause });
}
