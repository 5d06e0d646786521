declare module 'exceljs/dist/exceljs.min.js' {
  import Excel from 'exceljs'
  export default Excel
}
