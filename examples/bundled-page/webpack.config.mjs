import webpack from 'webpack';

export default {
  entry: './main.js',
  mode: 'production',
  // The page runs ONNX Runtime. Without this line the other engine, tfjs, would have to be installed.
  plugins: [new webpack.IgnorePlugin({ resourceRegExp: /^@tensorflow\// })],
};
