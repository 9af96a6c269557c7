// The theme colours what mermaid draws, but not the heads of arrows in sequences: they would be black on black.
const initialize = mermaid.initialize;
const heads = '[id$="head"] path { fill: var(--md-mermaid-edge-color); stroke: var(--md-mermaid-edge-color); }';
mermaid.initialize = (config) => initialize.call(mermaid, { ...config, themeCSS: `${config.themeCSS ?? ""} ${heads}` });
