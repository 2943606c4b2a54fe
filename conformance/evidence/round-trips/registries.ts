/**
 * The registries: one without and one with the referrers API.
 * @module
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { registryToolPath, registryVersion } from '../../implementations/install/paths.ts';
import { type OptionalTool, versionOf } from '../tools.ts';
import type { ReferrersMethod } from './referrers.ts';
import { Server } from './server.ts';

/** A registry that may be installed. */
export interface Registry extends OptionalTool {
  readonly slug: string;
  /** The command that installs it. */
  readonly installHint: string;
  /** How it lists the referrers of a manifest. */
  readonly referrers: ReferrersMethod;
  /** Starts it; it keeps its files in `folder`. */
  readonly start: (program: string, folder: string) => Promise<Server>;
}

/** All of them. */
export function registries(): readonly Registry[] {
  return [
    {
      ...debian(),
      slug: 'debian',
      installHint: 'apt install docker-registry',
      referrers: 'referrers tag',
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
      installHint: 'npm run peers -- registry',
      referrers: 'referrers API',
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

/** The configuration of docker-registry, on a free port of the loopback interface. It is JSON, which is also YAML. */
function configuration(folder: string): string {
  return JSON.stringify({
    version: '0.1',
    log: { accesslog: { disabled: true }, level: 'info' },
    storage: { filesystem: { rootdirectory: folder } },
    http: { addr: '127.0.0.1:0', secret: 'of one run' },
  });
}
