// Every page's words in English, for the test that both languages are complete.
export { accident } from './accident';
export { board } from './board';
export { desk } from './desk';
export { patients } from './patients';
export { planning } from './planning';
export { report } from './report';
export { terms } from './terms';
export { text } from './text';
export { vehicle } from './vehicle';
