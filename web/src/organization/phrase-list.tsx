/** The words of a recovery phrase, numbered: their order is part of the key. */
export function PhraseList({ phrase }: { phrase: string }) {
  const words = phrase.split(' ').map((word, at) => ({ place: at + 1, word }))
  return (
    <ol className="phrase mono">
      {words.map(({ place, word }) => (
        <li key={place}>{word}</li>
      ))}
    </ol>
  )
}
