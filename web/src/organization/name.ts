import i18next from 'i18next'

/** An organization's name in the reader's language, else the one it gave, else its number. */
export function organizationName(organization: {
  readonly id: number
  readonly name: string | null
  readonly nameEn?: unknown
}): string {
  const english = i18next.language === 'en' && typeof organization.nameEn === 'string' ? organization.nameEn : undefined
  return english ?? organization.name ?? i18next.t('organization.unnamed', { id: organization.id })
}
