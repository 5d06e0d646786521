import { addTexts } from '../i18n/language.ts'
import '../report/texts.ts'
import en from './en.json'
import zh from './zh-CN.json'

addTexts('privacy', { en, 'zh-CN': zh })
