/**
 * A layer that containers/storage wrote, in frames that the builder of these cases cannot write.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { agrees, everything, keys, STORAGE } from './parts.ts';

/** The blob that its package compressor made of the archive of `toc/every-type`, in base64. */
const WRITTEN = Buffer.from(
  [
    'KLUv/UQIAAO1AgCCxQ4SsDUBUrRJDrMN3CklSbFUNpQfi5oBk0vQDP+LBkGdk2hkWv1moNLqiV4Qv28bY+WM9P//753578i0AggA',
    'YEA5iNkAEW4Epj8H1Bng0nEFqczk3qQyNMkotS/9BAAxAABoZWxsbwpTiL2RKLUv/WT6BIUCAMJDDBOwpQHg7Epl8DiyuXbOtCyb',
    'ReUHRFWMtD1zwcA8/eKZPB0oISv/f6vsv4UhBmFgngYJAGNAHWAedYBI/RxQB7wpvyTBClIPN7U9qmMD4MZ1tii1L/1EAOgCQx8A',
    'YSNC2i4otS/9RAgAAwMgAADNrIXwKLUv/UQA0AKDHgBi2+3YLii1L/1kSA9tCQDiEjIfUImbAQAi/2pgKM0WQ4cmCVDOrnt3J5Ly',
    'NzVmdtN8pB9UTeeo7ymtMpuYj4jYlnuHhjmnFNYeIntwVoRJFnVUEUYT/f9TFlajcY2zKHIoHBhFALCgErbaS5hz6pEYDAgYAgoO',
    '0sfBTXouyv8fSmMLoZbhoQjQQbSb3s1/nEn5425Cokkss/947sEloUVrEMv/Y/4/Lgc//YjBeA49qCgzx5TSPy4cDUNh7eEjU649',
    'VDgatxZTKKy9PLibMv9/3EX/iGAKQWHtYSMAgQF1/AB5aoZCACJOdTnluE450zPJYECNrpxXEALcNGmAAilAccAODqacAhRyAaow',
    'AEWkAFUF0AVwaQSYrsGUBANEDf2/JnZlcDDep4hBMJ05oE56J37xgBWkIm6SBOqEDC7uDSi1L/0EAAkAAHgjEQSDKLUv/QRo+i8A',
    'AAEAAGOHnyFQKk0Y6gIAACi1L/1kvwblFgCSMYUhMFHbjIS+8fn/kRYvIuuLIZdZYsavjZaWNk1hTSsoKMASG/i777GXGntFKX78',
    '6bFiBe1ivJiRtuLUc+ZkV+4pT916JdZYvyPlYSYqFBr3YPKwoYpiTGlryekqTFlTu8md3kOpKH8i1Z76Rc/xK+6xXZopJa9lvGmp',
    'st4NHBhwMOCCnOCAAQEBLugCGnciqLGgc5Hc8XAQLwA5jr/n1AasOv5EmGmexzmaiUCe+WwSDtMPMsHowTSQCHdg4Y1JamhiIvJw',
    'EE9VUWA4FA4BE2QmunEQ+tTjVcu9rC+h/2dpXSW263VS/ozVs3O8nqFm/Dzf5rJ3qnn6tLmLKSs5kMYzFvB9PeTPpb777rdYKabJ',
    'OS/kUOo2Ru0uJbek+NJkmaula/qc7FXaRMg5Q0xh5VbcTqWVkLZy6pXHL/epL1KWY8UpVc9KN0erN/nzdk0FqiDxiEA8THZt0k3P',
    '6fuUfpfC+2z5F/16/k5Z3G71X/XqX20p+zRlt8ZLrYWaH+NM5B7XS+aCJoAmQDJFMZ4KCs9N6NQFH3f+IZggSuf1KzVft9q27ITe',
    'oaXsfWLWbaX5U5XzP3u1/Fa9q1ixKk0tS62DcHDBx3EH05hgg64FPYNxMMl1PJjHvXE4vEk2sCF3QbrsLiQFUAVAm8s8SEkLekMo',
    'MEGBxolQuAcm2DCNC3oFxoMaDgs6zjTPwzHRBR8QxmncAjUCUCBgAKDEjjutQSqPA2xEkuaRwfDkxJ0HDCxM72rqLfRBDhfBrwyz',
    '62RMZQwIzgC3u/jaG49QcEE7mSgZdz6YWc8MZadVuw+EiZBTLsQYEWmkmnQjzFE5oREqF7jkTYYNgemUwdnJVhADKcAlzlhnobrh',
    'gRkqquzBgi1ZvG7DOhqUYQ46slbETR5ItwDUhDOJtVANLrf05X8GqGEa8SxnZ1wETRtIAFpo8A0oIevmGJ4QihC5TqeYVOBo6TJS',
    '8aE1rgBBgPWMD9bWUCpNGEoDAAAotS/9ZC8u5RkA4u6NJwDLbACckwGIItMAMkcJ+7hjAnMqjy3EXx9eCAlDmLSBcv//X3eBBwAP',
    '0umNFKFoLw2Xry4iJhSxUPMiInrYByZoDN93Efi3ZLEktViXWtr+aepx38eT/1OdZorTTU+P23+juP1xWEV2GlSuPInYjKHVsIpc',
    'h9wajs+aiYLvj9sft//zoA64WbkkJJKytDmmtEly++P2xx3SjaQuHxfZr5E/a67FkDCSXDl1KrQqJxYroUCoPPdAcAqRprQ5Gj0d',
    'ZAqtctRiQSliJSTCwAUIZZDJiWpoNGO3mz6StKgEI9dcRZesihASkIiy0ChoCgOX3r5UTiHFcqJmpSanBJhLd1EseJpNTBSV+NFN',
    'b+N/LM+p3eThODDjvPem/XH7Y/y3+3H17/bHUcJUzIWMxk3M377vPGpIHw+T0G0YluHKCPAF5CLLVZiaYWg1rCx/u6ms1G+6e8LU',
    'LHMkmVpsL7CUQbqKwhYhRUr5QBELNS8i4vVdduB+nkJaNzofkc0mivx1GCxR4J0hkQ2rSDt6Sht9vqm0/HH7L0QsnpVLg/TU2ejn',
    'YUnARQCmWANQxELNi4h4M9qHYQzX6b/dVL7/pr03zuTUySgql6wql2wdgIfJcWAGivbScPnqIiIKMHhghCKGuTIRMaGIdfmLDgAP',
    'EooZjfZpnqaLiFjQj/vWbPLU2eiJ3u7P1kZxe+N2imtIpURR+fDG7e+Nux+3P27/plD0aX/c3liSqcVGKNpLw+WriwgHiliXv+gQ',
    'YyDAagQAoLYBKSAZ9uf8x0oJBtkC+APeGJQjH5BBxStAzaY/Vn/gCTxMSNK446hWMrOpUfgmEkeFMZQxZTaMAQSotb5uEjx0EYcC',
    '4ikPGephGN5U3cw7gYwtzcgw+mHq8KbUzbwTIGMXVJyEFxt1+tDRv8GCqaZJROYQMUkmWbisIVItT4GkHA1JpJ9q3azRmATIpiZU',
    'nIOrZ7BSynS6kbFmUuVZnhwwKNALVcNrYOaoIHBPFW82DWEecgYKXsonLFQgTKCnA+iYISnPB+EMY95SDniAIHt6T7RiJGMtpiLH',
    'PLkAFMhR606cJDipTzjscVgOGklNA1z0nW38TDQ26XECRGnUu1AqTRhAAAAAaAIAAAAAAADqAgAAAAAAAL8HAAAAAAAAAQAAAAAA',
    'AABaBQAAAAAAAEoDAAAAAAAALy8AAAAAAABHTlVsSW5VeA==',
  ].join(''),
  'base64',
);

export const recipes: readonly Recipe[] = [
  agrees('written-by-containers-storage', {
    title: 'A layer that containers/storage wrote agrees with its table',
    requirements: ['TOC-060', 'TOC-035', 'TOC-037', 'TOC-044', 'TOC-045'],
    parts: everything,
    blob: () => WRITTEN,
    changes: {
      annotations: () => ({
        [keys.checksum]: 'sha256:3877185937980b866d977f5000387135073cc5d58e79de9275d7852083193b95',
        [keys.position]: '616:746:1983:1',
        [keys.tarSplit]: '1370:842:12079',
      }),
    },
    confirmedBy: [`${STORAGE} (wrote the layer)`],
  }),
];
