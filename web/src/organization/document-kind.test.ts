import { DOCUMENT_KINDS } from '@tanlian/accounting'
import { PRIVACY_DOCUMENT, READER_KEY_DOCUMENT } from '@tanlian/evidence'
import { DATASET_KIND } from '@tanlian/sdk'
import { expect, it } from 'vitest'
import en from '../i18n/en.json' with { type: 'json' }
import zh from '../i18n/zh-CN.json' with { type: 'json' }

it('every kind of document that can be logged has a name in both languages', () => {
  const kinds = [...DOCUMENT_KINDS, PRIVACY_DOCUMENT, READER_KEY_DOCUMENT, DATASET_KIND, 'audit']
  expect(kinds.filter((kind) => !Object.hasOwn(zh.document, kind) || !Object.hasOwn(en.document, kind))).toEqual([])
})
