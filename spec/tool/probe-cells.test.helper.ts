/**
 * Compares a table of a chapter with the reference, cell by cell.
 * @module
 */

import { describe, expect, test } from 'vitest';
import type { Cell } from './table.ts';

/** Inputs by the claim of a cell that they prove. */
export type ProbesOfCell<P> = Readonly<Record<string, readonly P[]>>;
/** Probes by the row and the column of their cell. */
export type ProbesOfTable<P> = Readonly<Record<string, Readonly<Record<string, ProbesOfCell<P>>>>>;

/**
 * One test for each of `cells`: it has at least one probe for each of its claims, and no other, and `prove` accepts
 * each of them.
 */
export function probeCells<P>(
  title: string,
  cells: readonly Cell[],
  probes: ProbesOfTable<P>,
  prove: (claim: string, probe: P, cell: Cell) => Promise<void>,
): void {
  describe(title, () => {
    test('has no other rows than those with probes', () => {
      expect(Object.keys(probes)).toEqual([...new Set(cells.map(({ row }) => row))]);
    });

    test.each(cells)('$row | $column', async cell => {
      const { [cell.column]: ofCell = {} } = probes[cell.row] ?? {};
      expect(Object.keys(ofCell).sort()).toEqual(cell.claims);
      for (const [claim, inputs] of Object.entries(ofCell)) {
        expect(inputs.length, claim).toBeGreaterThan(0);
        for (const input of inputs) await prove(claim, input, cell);
      }
    });
  });
}
