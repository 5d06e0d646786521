import { ACCOUNTING_ERRORS } from '@tanlian/accounting'
import { addTexts } from '../i18n/language.ts'
import { addErrors } from '../shell/error-text.ts'
import en from './en.json'
import zh from './zh-CN.json'
import '../style/accounting.css'

addErrors(ACCOUNTING_ERRORS)
addTexts('methodology', { en, 'zh-CN': zh })
