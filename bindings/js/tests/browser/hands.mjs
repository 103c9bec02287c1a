// What hands do on either page.

/** Opens the menu of a message by its key, and chooses from it. */
export const withMenu = (row, role) => async (page, text, ...labels) => {
  await row(page, text).focus();
  await page.keyboard.press('m');
  for (const name of labels) await page.getByRole(role, { name, exact: true }).click();
};

/** `isRow`: of a message, asked in the page. `react` gives the second of the emoji that are offered. */
export const byKeys = ({ isRow, react, unsend }) => {
  const press = async (page, keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  return {
    react: (page) => press(page, react),
    unsend: (page) => press(page, unsend),
    /** To the list of messages, as somebody goes who has no pointer. */
    async toList(page) {
      const isThere = () => page.evaluate(`(${isRow})(document.activeElement)`);
      for (let presses = 0; presses < 6 && !(await isThere()); presses += 1) await page.keyboard.press('Shift+Tab');
      if (!(await isThere())) throw new Error('the list of messages is not reached by the Tab key');
    },
  };
};
