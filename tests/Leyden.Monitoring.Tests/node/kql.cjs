// Binds Kusto queries to the columns of declared tables, by the language service that Azure's own query editor uses.
// In: {"tables":{"requests":"(name:string, …)"},"queries":{"a query's name":"requests | …"}}
// Out: {"a query's name":{"faults":["…"],"columns":["name:type"],"literals":["…"],"keys":["…"],"tables":["…"]}}
"use strict";
require("@kusto/language-service-next/bridge.js");
require("@kusto/language-service-next/Kusto.Language.Bridge.js");

const { GlobalState, KustoCode, Symbols, Syntax } = globalThis.Kusto.Language;
const { tables, queries } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));

const symbols = Object.entries(tables).map(([name, schema]) => new Symbols.TableSymbol.$ctor7(name, schema, null));
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("telemetry", symbols));

console.log(JSON.stringify(Object.fromEntries(Object.entries(queries).map(([name, text]) => [name, read(text)]))));

function read(text) {
  const code = KustoCode.ParseAndAnalyze(text, globals);
  const keys = [];
  const literals = [];
  const asked = new Set();
  visit(code.Syntax, node => {
    if (Bridge.is(node, Syntax.NameReference) && Bridge.is(node.ReferencedSymbol, Symbols.TableSymbol) && node.ReferencedSymbol.Name in tables) {
      asked.add(node.ReferencedSymbol.Name);
    } else if (isText(node)) {
      const isKey = node.Parent && Bridge.is(node.Parent, Syntax.BracketedExpression);
      (isKey ? keys : literals).push(node.LiteralValue);
    }
  });
  const result = code.ResultType;
  return {
    faults: items(code.GetDiagnostics()).map(d => `${d.Severity} at ${d.Start}: ${d.Message}`),
    columns: result && result.Columns ? items(result.Columns).map(c => `${c.Name}:${c.Type.Name}`) : [],
    literals,
    keys,
    tables: [...asked],
  };
}

function isText(node) {
  return Bridge.is(node, Syntax.LiteralExpression) && node.Kind === Syntax.SyntaxKind.StringLiteralExpression;
}

function visit(element, look) {
  look(element);
  for (let i = 0; i < element.ChildCount; i++) {
    const child = element.GetChild(i);
    if (child) visit(child, look);
  }
}

function items(list) {
  return System.Linq.Enumerable.from(list, System.Object).ToArray(System.Object);
}
