/**
 * cosign, with a key pair for one run, and without any service: no transparency log, and no keys from elsewhere.
 * @module
 */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cosignPath, cosignVersion } from '../../implementations/install/paths.ts';
import { type Processes, ProcessFailed } from '../processes.ts';
import type { OptionalTool } from '../tools.ts';

/** The artifact type of the signatures that cosign 3 writes. */
export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** cosign, as built by `npm run peers -- cosign`. */
export function cosignTool(): OptionalTool & { readonly installHint: string } {
  const path = cosignPath();
  const installHint = 'npm run peers -- cosign';
  return path === undefined
    ? { name: 'cosign', installHint }
    : { path, name: `cosign ${cosignVersion}`, installHint };
}

/** cosign with a key pair. */
export class Cosign {
  readonly #path: string;
  readonly #folder: string;
  readonly #processes: Processes;

  private constructor(path: string, folder: string, processes: Processes) {
    this.#path = path;
    this.#folder = folder;
    this.#processes = processes;
  }

  /** Generates a test key in the new folder `folder`. Throws {@link ProcessFailed}. */
  static async create(path: string, folder: string, processes: Processes): Promise<Cosign> {
    const cosign = new Cosign(path, folder, processes);
    await mkdir(folder);
    await cosign.#run('generate-key-pair', '--output-key-prefix', 'test-key-of-one-run');
    // Without these two files, cosign asks the public services of sigstore.
    await cosign.#run('signing-config', 'create', '--out', cosign.#file('no-services.json'));
    await cosign.#run('trusted-root', 'create', '--out', cosign.#file('no-keys.json'));
    return cosign;
  }

  /** Signs a manifest, `127.0.0.1:PORT/NAME@DIGEST`. Throws {@link ProcessFailed}. */
  async sign(manifest: string): Promise<void> {
    const offline = ['--signing-config', this.#file('no-services.json'), ...this.#trust()];
    await this.#run('sign', '--yes', '--key', this.#file('test-key-of-one-run.key'), ...offline, manifest);
  }

  /** Whether cosign finds a signature of the manifest by the key. */
  async verdict(manifest: string): Promise<'accepts' | 'rejects'> {
    const offline = ['--insecure-ignore-tlog', ...this.#trust()];
    try {
      await this.#run('verify', '--key', this.#file('test-key-of-one-run.pub'), ...offline, manifest);
      return 'accepts';
    } catch (error) {
      if (error instanceof ProcessFailed) return 'rejects';
      throw error;
    }
  }

  #trust(): readonly string[] {
    return ['--trusted-root', this.#file('no-keys.json'), '--allow-http-registry'];
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  async #run(...args: string[]): Promise<void> {
    const options = { cwd: this.#folder, env: { COSIGN_PASSWORD: '' } };
    await this.#processes.runWith(options, this.#path, ...args);
  }
}
