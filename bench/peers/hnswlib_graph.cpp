// hnswlib::HierarchicalNSW with L2Space: builds the graph with so many threads, and searches one query at a time on one thread with wider and
// wider beams (ef). Time is that of the process on a processor, so that others on the machine count less.
//
// PROGRAM rows.fvecs queries.fvecs --scenario near --threads T --k K --ids truth.ivecs, whose ids are the exact ones.
#include "peer.h"

#include <hnswlib/hnswlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <atomic>
#include <fstream>
#include <set>
#include <thread>

// The process's own, of all threads.
static double processor_seconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval &time) { return double(time.tv_sec) + 1e-6 * double(time.tv_usec); };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

static double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static std::vector<std::set<int32_t>> read_truth(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("cannot open " + path);
  std::vector<std::set<int32_t>> truth;
  int32_t count;
  while (file.read(reinterpret_cast<char *>(&count), sizeof count)) {
    std::vector<int32_t> ids(count);
    file.read(reinterpret_cast<char *>(ids.data()), count * sizeof(int32_t));
    truth.emplace_back(ids.begin(), ids.end());
  }
  return truth;
}

int main(int argc, char **argv) {
  Options options = parse(argc, argv);
  Vectors queries = read_fvecs(options.queries, options.scale);
  Vectors rows = read_fvecs(options.rows, options.scale);
  auto truth = read_truth(options.ids);
  hnswlib::L2Space space(rows.dimension);
  const size_t m = 16, ef_construction = 200;
  double cpu = processor_seconds(), wall = wall_seconds();
  hnswlib::HierarchicalNSW<float> graph(&space, rows.count, m, ef_construction);
  if (options.scenario == "near-large-pages") {
    size_t bytes = rows.count * graph.size_data_per_element_;
    size_t first = (size_t(graph.data_level0_memory_) + 4095) / 4096 * 4096;
    madvise(reinterpret_cast<void *>(first), (bytes - 4096) / 4096 * 4096, MADV_HUGEPAGE);
  }
  graph.addPoint(rows.row(0), 0);
  std::atomic<size_t> next{1};
  std::vector<std::thread> threads;
  for (int i = 0; i < options.threads; i++) {
    threads.emplace_back([&] {
      for (size_t row; (row = next++) < rows.count;) graph.addPoint(rows.row(row), row);
    });
  }
  for (auto &thread : threads) thread.join();
  cpu = processor_seconds() - cpu;
  wall = wall_seconds() - wall;
  std::printf("{\"who\":\"hnswlib\",\"scenario\":\"%s\",\"rows\":%zu,\"dimension\":%d,\"threads\":%d,\"k\":%d,\"figures\":[", options.scenario.c_str(), rows.count,
              rows.dimension, options.threads, options.k);
  auto figure = [first = true](const std::string &name, const char *unit, std::vector<double> values) mutable {
    std::sort(values.begin(), values.end());
    std::printf("%s{\"name\":\"%s\",\"unit\":\"%s\",\"median\":%.6f,\"min\":%.6f,\"max\":%.6f,\"samples\":%zu}", first ? "" : ",", name.c_str(), unit,
                values[values.size() / 2], values.front(), values.back(), values.size());
    first = false;
  };
  figure("build", "s", {wall});
  figure("build, of a processor", "s", {cpu});
  std::vector<float>().swap(rows.components);
  for (size_t beam : {10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512, 768, 1024}) {
    if (beam < size_t(options.k)) continue;
    graph.setEf(beam);
    double found = 0;
    std::vector<double> rates;
    for (int pass = 0; pass < 6; pass++) {
      found = 0;
      double start = processor_seconds();
      for (size_t query = 0; query < queries.count; query++) {
        auto hits = graph.searchKnn(queries.row(query), options.k);
        for (; !hits.empty(); hits.pop()) found += truth[query].count(int32_t(hits.top().second));
      }
      // The first warms up.
      if (pass > 0) rates.push_back(double(queries.count) / (processor_seconds() - start));
    }
    double recall = found / double(queries.count * options.k);
    figure("beam " + std::to_string(beam) + ": recall", "share", {recall});
    figure("beam " + std::to_string(beam) + ": rate", "queries/s", rates);
    if (recall > 0.9985) break;
  }
  std::printf("],\"notes\":[\"HierarchicalNSW, L2Space, M 16, efConstruction 200, compiled here with -O3 -march=native\"]}\n");
}
