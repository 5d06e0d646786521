import { simulate } from './simulate.ts'

const from = Number(process.argv[2]),
  n = Number(process.argv[3])
let bad = 0
const t = performance.now()
const c = process.cpuUsage()
for (let s = from; s < from + n; s++)
  await simulate(String(s)).catch((e) => {
    bad++
    console.log(e.message.split('\n').slice(0, 3).join('\n'))
  })
const u = process.cpuUsage(c)
console.log({ bad, n, ms: Math.round(performance.now() - t), cpu: Math.round((u.user + u.system) / 1000) })
