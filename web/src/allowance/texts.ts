import { addTexts } from '../i18n/language.ts'
import '../methodology/texts.ts'
import en from './en.json'
import zh from './zh-CN.json'

addTexts('allowance', { en, 'zh-CN': zh })
