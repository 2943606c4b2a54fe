/**
 * Checks of a map, beyond what `vectors/schema/image-map.schema.json` can express: each byte of the image is in exactly
 * one field, and each field has an active requirement.
 * @module
 */

import { fieldsOf, type ImageMap, repeats, type Structure, sizeOf, ZERO } from '../../suite/image-map.ts';

/** The problems in the map of `image`, one line each; `requirements` are the active requirements. */
export function checkMap(map: ImageMap, image: Uint8Array, requirements: ReadonlySet<string>): string[] {
  const problems = [
    ...(map.size === image.length
      ? []
      : [`the map has a size of ${map.size} bytes, the image has ${image.length}`]),
    ...Object.entries(map.structures).flatMap(([name, structure]) => {
      return checkStructure(structure, requirements).map(problem => `structure "${name}": ${problem}`);
    }),
    ...checkUse(map),
    ...map.ranges.flatMap((_, i) => checkRange(map, i)),
  ];
  return problems.length > 0 ? problems : checkBytes(map, image);
}

function checkStructure(structure: Structure, requirements: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  let at = 0;
  for (const [i, [start, size, name, requirement]] of structure.entries()) {
    if (start !== at) problems.push(`${name} begins at ${start}, but the field before it ends at ${at}`);
    if (size === null && i + 1 < structure.length)
      problems.push(`${name} has no size, but is not the last field`);
    if (size !== null && size <= 0) problems.push(`${name} has a size of ${size}`);
    if (!requirements.has(requirement)) problems.push(`${name}: ${requirement} is not an active requirement`);
    at = start + (size ?? 0);
  }
  return problems;
}

function checkUse({ structures, inodes, ranges }: ImageMap): string[] {
  const structuresUsed = new Set(ranges.map(([, name]) => name));
  const inodesUsed = new Set(ranges.map(([, , inode]) => String(inode)));
  return [
    ...Object.keys(structures).filter(name => !structuresUsed.has(name)),
    ...Object.keys(inodes).filter(number => !inodesUsed.has(number)),
  ].map(name => `"${name}" is not used by any range`);
}

function checkRange(map: ImageMap, index: number): string[] {
  const [start, name, inode] = map.ranges[index] ?? [0, ''];
  const end = map.ranges[index + 1]?.[0] ?? map.size;
  const structure = map.structures[name];
  const problems: string[] = [];
  if (index === 0 && start !== 0) problems.push(`the first range begins at ${start}`);
  if (end <= start) problems.push(`the range at ${start} ends at ${end}`);
  if (typeof inode === 'number' && map.inodes[inode] === undefined) {
    problems.push(`the range at ${start} belongs to inode ${inode}, which has no name`);
  }
  if (structure === undefined)
    return [...problems, `the range at ${start} has the unknown structure "${name}"`];
  const size = sizeOf(structure);
  if (size === undefined) {
    if ((structure.at(-1)?.[0] ?? 0) >= end - start) problems.push(`the range at ${start} is too short`);
  } else if (repeats(structure) ? (end - start) % size !== 0 : end - start !== size) {
    problems.push(`the range at ${start} has ${end - start} bytes, "${name}" has ${size}`);
  }
  return problems;
}

/** Zero fields are zero, and fields neither overlap nor leave gaps. */
function checkBytes(map: ImageMap, image: Uint8Array): string[] {
  const problems: string[] = [];
  let at = 0;
  for (const { start, size, where, name } of fieldsOf(map)) {
    if (start !== at) problems.push(`${where}, ${name}: begins at ${start} instead of ${at}`);
    at = start + size;
    if (name === ZERO && image.subarray(start, at).some(byte => byte !== 0)) {
      problems.push(`${where}: the bytes from ${start} to ${at} are not zero`);
    }
  }
  if (at !== image.length) problems.push(`the last field ends at ${at}, the image at ${image.length}`);
  return problems;
}
