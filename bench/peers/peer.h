// What the peer programs have in common: the command line, .fvecs and .ivecs, the clock, and the line of JSON that
// `Valori.Benchmarks table` reads.
//
// PROGRAM rows.fvecs queries.fvecs --scenario S --threads T --k K --scale X [--ids FILE]
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

struct Vectors {
  int dimension = 0;
  size_t count = 0;
  std::vector<float> components;

  const float *row(size_t i) const { return components.data() + i * dimension; }
};

struct Options {
  std::string rows, queries, scenario = "scan", ids;
  int threads = 1, k = 10;
  float scale = 1;
};

[[noreturn]] inline void fail(const std::string &message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

inline Options parse(int argc, char **argv) {
  if (argc < 3 || argc % 2 == 0) fail("usage: PROGRAM rows.fvecs queries.fvecs [--option value]...");
  Options options;
  options.rows = argv[1];
  options.queries = argv[2];
  for (int i = 3; i + 1 < argc; i += 2) {
    std::string name = argv[i], value = argv[i + 1];
    if (name == "--scenario") options.scenario = value;
    else if (name == "--ids") options.ids = value;
    else if (name == "--threads") options.threads = std::stoi(value);
    else if (name == "--k") options.k = std::stoi(value);
    else if (name == "--scale") options.scale = std::stof(value);
    else fail("unknown option " + name);
  }
  return options;
}

inline Vectors read_fvecs(const std::string &path, float scale) {
  FILE *file = std::fopen(path.c_str(), "rb");
  if (!file) fail("cannot open " + path);
  Vectors vectors;
  int32_t dimension;
  while (std::fread(&dimension, sizeof dimension, 1, file) == 1) {
    if (vectors.count == 0) {
      vectors.dimension = dimension;
      std::fseek(file, 0, SEEK_END);
      vectors.components.reserve(std::ftell(file) / sizeof(float));
      std::fseek(file, sizeof dimension, SEEK_SET);
    }
    if (dimension != vectors.dimension) fail(path + " has rows of different lengths");
    size_t start = vectors.components.size();
    vectors.components.resize(start + dimension);
    if (std::fread(&vectors.components[start], sizeof(float), dimension, file) != size_t(dimension)) fail(path + " is torn");
    vectors.count++;
  }
  std::fclose(file);
  if (scale != 1) for (float &component : vectors.components) component *= scale;
  return vectors;
}

inline void write_ivecs(const std::string &path, const std::vector<std::vector<int32_t>> &answers) {
  if (path.empty()) return;
  FILE *file = std::fopen(path.c_str(), "wb");
  if (!file) fail("cannot write " + path);
  for (const auto &ids : answers) {
    int32_t count = int32_t(ids.size());
    std::fwrite(&count, sizeof count, 1, file);
    std::fwrite(ids.data(), sizeof(int32_t), ids.size(), file);
  }
  std::fclose(file);
}

// Milliseconds of each of `count` calls, behind a warm-up of at least 3 calls and one second: as the scenarios of ours.
template <typename Work>
std::vector<double> measure(size_t count, Work work) {
  using Clock = std::chrono::steady_clock;
  auto start = Clock::now();
  for (size_t run = 0; run < 3 || Clock::now() - start < std::chrono::seconds(1); run++) work(run % count);
  std::vector<double> milliseconds;
  for (size_t run = 0; run < count; run++) {
    auto before = Clock::now();
    work(run);
    milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - before).count());
  }
  return milliseconds;
}

// One line of JSON with one figure; `per_sample` is how many queries a sample stands for.
inline void report(const Options &options, const Vectors &rows, const std::string &who, const std::string &figure,
                   std::vector<double> milliseconds, double per_sample, const std::string &note) {
  std::sort(milliseconds.begin(), milliseconds.end());
  size_t n = milliseconds.size(), middle = n / 2;
  double median = n % 2 ? milliseconds[middle] : (milliseconds[middle - 1] + milliseconds[middle]) / 2;
  std::printf(
      "{\"who\":\"%s\",\"scenario\":\"%s\",\"rows\":%zu,\"dimension\":%d,\"threads\":%d,\"k\":%d,"
      "\"figures\":[{\"name\":\"%s\",\"unit\":\"ms\",\"median\":%.6f,\"min\":%.6f,\"max\":%.6f,\"samples\":%zu}],\"notes\":[\"%s\"]}\n",
      who.c_str(), options.scenario.c_str(), rows.count, rows.dimension, options.threads, options.k, figure.c_str(),
      median / per_sample, milliseconds.front() / per_sample, milliseconds.back() / per_sample, n, note.c_str());
}
