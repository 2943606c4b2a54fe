/**
 * Writes extended attributes (spec/erofs.md, "Extended attributes").
 * @module
 */

import { writeBytes } from '../../bytes.ts';
import {
  BLOCK_SIZE,
  XATTR_BODY_HEAD,
  XATTR_ENTRY_HEAD,
  XATTR_REFERENCE_SIZE,
  xattrBody,
  xattrEntry,
} from '../structures.ts';
import type { ImageLayout } from './layout.ts';
import type { Sink } from './sink.ts';
import { EMPTY_SET, type XattrTable } from './xattr-table.ts';

/** Writes the attribute body for `set` (EROFS-025). */
export function writeXattrs(table: XattrTable, set: number, layout: ImageLayout, sink: Sink): void {
  if (set === EMPTY_SET) return;
  const first = table.first(set);
  const inline = first + table.referenceCount(set);
  const end = table.first(set + 1);
  let present = 0;
  for (let i = first; i < end; i++) present |= table.name(table.member(i)).filterBit;
  sink.view.setUint32(sink.at + xattrBody.h_name_filter, ~present, true);
  sink.view.setUint8(sink.at + xattrBody.h_shared_count, inline - first);
  sink.at += XATTR_BODY_HEAD;
  // EROFS-026, EROFS-088
  const sharedAt = layout.inodesEnd - layout.sharedBlock * BLOCK_SIZE;
  for (let i = first; i < inline; i++) {
    sink.view.setUint32(sink.at, (sharedAt + table.sharedOffset(table.member(i))) / 4, true);
    sink.at += XATTR_REFERENCE_SIZE;
  }
  for (let i = inline; i < end; i++) writeAttribute(table, table.member(i), sink);
}

/** Writes one attribute entry, including padding (EROFS-024). */
export function writeAttribute(table: XattrTable, attribute: number, sink: Sink): void {
  const { index, suffix } = table.name(attribute);
  const { at } = sink;
  sink.view.setUint8(at + xattrEntry.e_name_len, suffix.length);
  sink.view.setUint8(at + xattrEntry.e_name_index, index);
  sink.view.setUint16(at + xattrEntry.e_value_size, table.valueSize(attribute), true);
  writeBytes(suffix, sink.bytes, at + XATTR_ENTRY_HEAD);
  table.writeValue(attribute, sink.bytes, at + XATTR_ENTRY_HEAD + suffix.length);
  sink.at += table.entrySize(attribute);
}
