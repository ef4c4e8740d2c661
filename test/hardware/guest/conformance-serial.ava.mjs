import { spawn } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { SystemClock } from '@hyphae/core';
import { linuxBoard } from '@hyphae/hal/linux';
import { serialConformance } from '@hyphae/hal/testing';

serialConformance('linux', async () => {
  const clock = new SystemClock();
  const board = await linuxBoard().open({ clock });
  const folder = await mkdtemp('/tmp/serial-');
  const port = `${folder}/port`;
  // The far end is this process, by way of socat's own input and output.
  const socat = spawn('socat', [`pty,rawer,link=${port}`, '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => socat.once('exit', resolve));
  while (
    !(await access(port).then(
      () => true,
      () => false,
    ))
  )
    await clock.sleep('50 ms');
  const fixture = {
    board,
    clock,
    port,
    run: (work) => work,
    onReceive: () => {},
    send: (bytes) => new Promise((resolve) => socat.stdin.write(bytes, resolve)),
    async hangUp() {
      socat.kill('SIGKILL');
      await exited;
    },
    async [Symbol.asyncDispose]() {
      await board[Symbol.asyncDispose]();
      await fixture.hangUp();
      await rm(folder, { recursive: true, force: true });
    },
  };
  socat.stdin.on('error', () => {});
  socat.stdout.on('data', (bytes) => fixture.onReceive(bytes));
  return fixture;
});
