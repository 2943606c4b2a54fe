/**
 * What a check finds: objects, links and files.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { finds, storeWith } from './parts.ts';

export const recipes: readonly Recipe[] = [
  finds('sound', {
    title: 'A store without a defect has no findings',
    requirements: ['STORE-040'],
    store: storeWith().store,
    findings: [],
  }),
];
