// faiss::IndexFlatL2: scenario scan or wide with one query at a time (or one a thread), scenario batch with 64 together.
#include "peer.h"

#include <faiss/IndexFlat.h>
#include <omp.h>

extern "C" char *openblas_get_config();
extern "C" char *openblas_get_corename();
extern "C" int openblas_get_num_threads();
extern "C" void openblas_set_num_threads(int);

int main(int argc, char **argv) {
  Options options = parse(argc, argv);
  omp_set_num_threads(options.threads);
  openblas_set_num_threads(options.threads);
  Vectors queries = read_fvecs(options.queries, options.scale);
  Vectors rows = read_fvecs(options.rows, options.scale);
  faiss::IndexFlatL2 index(rows.dimension);
  index.add(rows.count, rows.components.data());
  std::vector<float>().swap(rows.components);

  bool is_batch = options.scenario == "batch";
  size_t step = is_batch ? 64 : size_t(options.threads), batches = queries.count / step;
  std::vector<float> distances(step * options.k);
  std::vector<faiss::Index::idx_t> labels(step * options.k);
  std::vector<std::vector<int32_t>> answers(batches * step);
  size_t runs = is_batch ? std::max<size_t>(5, batches) : batches;
  auto milliseconds = measure(runs, [&](size_t run) {
    size_t first = run % batches * step;
    index.search(step, queries.row(first), options.k, distances.data(), labels.data());
    for (size_t i = 0; i < step; i++)
      answers[first + i].assign(labels.begin() + i * options.k, labels.begin() + (i + 1) * options.k);
  });
  write_ivecs(options.ids, answers);

  std::string note = std::string("IndexFlatL2 of Debian's library, which is compiled for any x86-64; ") +
                     (is_batch ? "64 queries go through " + std::string(openblas_get_config()) + " with kernel " + openblas_get_corename() +
                                     ", threads " + std::to_string(openblas_get_num_threads())
                               : "fewer than 20 queries do not go through the BLAS; with more threads, a query on each");
  report(options, rows, "faiss", is_batch ? "a query of a batch" : "a query", milliseconds, double(step), note);
}
