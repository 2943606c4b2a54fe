/**
 * Compares what stores export with what tar-split rebuilds. Layers that it does not rebuild are in a list with the reason.
 * @module
 */

import { readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';
import type { Suite } from '../../suite/read-suite.ts';
import { Processes } from '../processes.ts';
import { type Examined, inFolder } from './parts.ts';
import { type StoredLayer, storedLayers } from './stored-layers.ts';
import { differenceByTarSplit } from './tar-split.ts';

/** What tar-split says of each layer that it does not rebuild, by the name of the layer. */
export type Deviations = ReadonlyMap<string, string>;

/** The deviations of the program in the list beside this file. */
export function knownDeviations(): Deviations {
  const path = 'conformance/evidence/stores/tar-split-deviations.txt';
  return parseDeviations(readFileSync(join(packageRoot, path), 'utf8'));
}

/** Reads a list of deviations. Throws an Error if it does not have its format. */
export function parseDeviations(text: string): Deviations {
  const deviations = new Map<string, string>();
  let message = '';
  for (const [i, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const [, layer] = /^ {2}([a-z]+\/\S+ [0-9]+)$/.exec(line) ?? [];
    if (layer === undefined && /^\S/.test(line)) message = line;
    else if (layer === undefined || message === '' || deviations.has(layer)) {
      throw new Error(
        `line ${i + 1} of the deviations must be a message, or two spaces and a new layer: ${line}`,
      );
    } else deviations.set(layer, message);
  }
  return deviations;
}

/** Lets the program `tarSplit` rebuild all layers of the stores of the cases. */
export function checkWithTarSplit(
  suite: Suite,
  tarSplit: string,
  deviations: Deviations = knownDeviations(),
): Promise<Examined> {
  return inFolder(async folder => {
    const layers: StoredLayer[] = [];
    for await (const layer of storedLayers(suite, join(folder, 'stores'))) layers.push(layer);
    const processes = new Processes(availableParallelism());
    const check = async (layer: StoredLayer, i: number) => {
      const work = join(folder, `${i}`);
      const said = await differenceByTarSplit(processes, tarSplit, layer, work);
      rmSync(work, { recursive: true });
      return [layer.name, said] as const;
    };
    const found = new Map(await Promise.all(layers.map(check)));
    const problems = [...found].flatMap(([layer, said]) => {
      const listed = deviations.get(layer);
      if (said === listed) return [];
      if (said === undefined) return [`${layer} is rebuilt: remove it from the deviations`];
      return [`${layer}: ${said}${listed === undefined ? '' : `, instead of: ${listed}`}`];
    });
    for (const layer of deviations.keys()) {
      if (!found.has(layer)) problems.push(`${layer} is not in any store: remove it from the deviations`);
    }
    const rebuilt = [...found.values()].filter(said => said === undefined).length;
    const rest = found.size - rebuilt;
    return {
      summary: `${found.size} layers, of which ${rebuilt} are rebuilt, and ${rest} are not`,
      problems,
    };
  });
}
