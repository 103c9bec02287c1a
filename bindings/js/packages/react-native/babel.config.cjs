// For jest, which has no `import()` of its own: the module is there already, and comes with the next microtask.
const laterModules = ({ types: t }) => ({
  visitor: {
    Import({ parentPath }) {
      const loaded = t.callExpression(t.identifier('require'), parentPath.node.arguments);
      const resolved = t.callExpression(t.memberExpression(t.identifier('Promise'), t.identifier('resolve')), []);
      parentPath.replaceWith(t.callExpression(t.memberExpression(resolved, t.identifier('then')), [t.arrowFunctionExpression([], loaded)]));
    },
  },
});

module.exports = { presets: ['module:@react-native/babel-preset'], plugins: [laterModules] };
