export const report = { title: '' };
