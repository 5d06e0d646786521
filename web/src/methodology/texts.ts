import { addTexts } from '../i18n/language.ts'
import en from './en.json'
import zh from './zh-CN.json'
import '../style/accounting.css'

addTexts('methodology', { en, 'zh-CN': zh })
