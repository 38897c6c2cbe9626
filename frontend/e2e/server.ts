import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    url: string;
  }
}

const BINARY = resolve(import.meta.dirname, '../../bin/vigie');
/** The demonstration hashes passwords, scores homes and freezes its editions before it answers. */
const START_MS = 120_000;

/** Serves the demo from a fresh database, unless VIGIE_URL names a server to use. */
export default async function setup(
  project: TestProject,
): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.VIGIE_URL;
  if (given) {
    project.provide('url', given.replace(/\/$/, ''));
    return undefined;
  }
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: run "make build" first`);
  const folder = await mkdtemp(join(tmpdir(), 'vigie-e2e-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(
    BINARY,
    ['demo', '--db', join(folder, 'demo.db'), '--listen', `127.0.0.1:${port}`],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4000)));
  const deadline = Date.now() + START_MS;
  for (;;) {
    if (server.exitCode !== null)
      throw new Error(`vigie demo stopped (${server.exitCode}):\n${log}`);
    if (await ready(url)) break;
    if (Date.now() > deadline) {
      server.kill();
      throw new Error(`vigie demo is not ready after ${START_MS / 1000} s:\n${log}`);
    }
    await sleep(100);
  }
  project.provide('url', url);
  return async () => {
    const stopped = new Promise((done) => server.once('exit', done));
    server.kill('SIGTERM');
    await Promise.race([stopped, sleep(5000)]);
    await rm(folder, { recursive: true, force: true });
  };
}

async function ready(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`)).ok;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') done(address.port);
        else fail(new Error('no port'));
      });
    });
  });
}
