/**
 * The registries, one without and one with the referrers API.
 * @module
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { registryToolPath, registryVersion } from '../../implementations/install/paths.ts';
import { type OptionalTool, versionOf } from '../tools.ts';
import type { Way } from './referrers.ts';
import { Server } from './server.ts';

/** A registry that can be asked where it is there. */
export interface Registry extends OptionalTool {
  readonly slug: string;
  /** What to do where it is not there. */
  readonly how: string;
  /** How it tells the referrers of a manifest. */
  readonly way: Way;
  /** Starts it; it keeps its files in `folder`. */
  readonly start: (program: string, folder: string) => Promise<Server>;
}

/** All of them. */
export function registries(): readonly Registry[] {
  return [
    {
      ...debian(),
      slug: 'debian',
      how: 'apt install docker-registry',
      way: 'referrers tag',
      start: async (program, folder) => {
        const config = join(folder, 'config.yml');
        await mkdir(folder);
        await writeFile(config, configuration(join(folder, 'data')));
        return Server.start(program, 'serve', config);
      },
    },
    {
      ...built(),
      slug: 'built',
      how: 'npm run peers -- registry',
      way: 'referrers API',
      start: program => Server.start(program),
    },
  ];
}

function debian(): OptionalTool {
  const version = versionOf('docker-registry', /^docker-registry \S+ v?([\w.]+)/);
  if (version === undefined) return { name: 'docker-registry' };
  return { path: 'docker-registry', name: `docker-registry ${version}` };
}

function built(): OptionalTool {
  const path = registryToolPath('registry');
  const name = `ociregistry ${registryVersion()}`;
  return path === undefined ? { name } : { path, name };
}

/** A free port of the loopback interface; JSON is YAML too. */
function configuration(folder: string): string {
  return JSON.stringify({
    version: '0.1',
    log: { accesslog: { disabled: true }, level: 'info' },
    storage: { filesystem: { rootdirectory: folder } },
    http: { addr: '127.0.0.1:0', secret: 'of one run' },
  });
}
