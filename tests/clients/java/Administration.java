// Asks a cluster everything that Kafka's admin client can ask, and prints what it is told, a line a
// fact, without what differs from one cluster to another: ids, ports, folders, times.
//
// Printed in sections, each under "# name"; the tests hold each to what Apache Kafka says.

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.clients.admin.ListConfigResourcesOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public final class Administration implements AutoCloseable {
    private static final long HOUR_MS = 3_600_000;

    private final String bootstrap;
    private final Admin admin;
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private Administration(String bootstrap) {
        this.bootstrap = bootstrap;
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    public static void main(String[] arguments) throws Exception {
        try (var asked = new Administration(arguments[0])) {
            if (arguments.length > 1 && arguments[1].equals("what-is-not-there-yet")) {
                asked.whatIsNotThereYet();
            } else {
                asked.everything();
            }
        }
    }

    private void everything() throws Exception {
        section("cluster", this::cluster);
        section("created topics", this::createdTopics);
        section("refused topics", this::refusedTopics);
        section("described topics", this::describedTopics);
        section("topic configuration", this::topicConfiguration);
        section("altered configuration", this::alteredConfiguration);
        section("configuration resources", this::configurationResources);
        section("offsets", this::offsets);
        section("deleted records", this::deletedRecords);
        section("log folders", this::logFolders);
        section("producers", this::producers);
        section("quorum", this::quorum);
        section("features", this::features);
        section("keys of a compacted topic", this::keysOfACompactedTopic);
        section("time of appending", this::timeOfAppending);
        section("forced compression", this::forcedCompression);
        section("size of what was compressed", this::sizeOfWhatWasCompressed);
    }

    private void cluster() throws Exception {
        var described = admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
        say("nodes %d", described.nodes().get().size());
        var node = described.nodes().get().iterator().next();
        say("rack %s fenced %s", node.rack(), node.isFenced());
        say("controller is a node: %s", described.controller().get().equals(node));
        say("has an id: %s", !described.clusterId().get().isEmpty());
        say("operations %s", new TreeSet<>(described.authorizedOperations().get()));
    }

    private void createdTopics() throws Exception {
        var configs = Map.of("retention.ms", "1000", "cleanup.policy", "compact", "segment.bytes", "2000000");
        var wanted = new NewTopic("configured", 3, (short) 1).configs(configs);
        var validated = admin.createTopics(List.of(wanted), new CreateTopicsOptions().validateOnly(true));
        say("validated: %d partitions", validated.numPartitions("configured").get());
        var defaults = new NewTopic("defaults", Optional.empty(), Optional.empty());
        var assigned = new NewTopic("assigned", Map.of(0, List.of(brokerId()), 1, List.of(brokerId())));
        var created = admin.createTopics(List.of(wanted, defaults, assigned));
        for (var topic : List.of("configured", "defaults", "assigned")) {
            say("%s: %d partitions, %d replicas, has an id: %s", topic, created.numPartitions(topic).get(),
                created.replicationFactor(topic).get(), !created.topicId(topic).get().toString().isEmpty());
        }
        sayEntries(created.config("configured").get(), false);
        waitFor("configured", "defaults", "assigned");
    }

    private void refusedTopics() {
        refuse("exists", new NewTopic("configured", 1, (short) 1));
        refuse("no name", new NewTopic("", 1, (short) 1));
        refuse("dots", new NewTopic("..", 1, (short) 1));
        refuse("slash", new NewTopic("a/b", 1, (short) 1));
        refuse("collides", new NewTopic("with.dot", 1, (short) 1));
        refuse("no partitions", new NewTopic("t", 0, (short) 1));
        refuse("too many replicas", new NewTopic("t", 1, (short) 3));
        refuse("no replicas", new NewTopic("t", 1, (short) 0));
        refuse("unknown broker", new NewTopic("t", Map.of(0, List.of(77))));
        refuse("the same broker twice", new NewTopic("t", Map.of(0, List.of(brokerId(), brokerId()))));
        refuse("gap in partitions", new NewTopic("t", Map.of(1, List.of(brokerId()))));
        refuse("unknown key", new NewTopic("t", 1, (short) 1).configs(Map.of("no.such.key", "1")));
        refuse("no number", new NewTopic("t", 1, (short) 1).configs(Map.of("retention.ms", "soon")));
        refuse("below the bound", new NewTopic("t", 1, (short) 1).configs(Map.of("segment.bytes", "1")));
        refuse("unknown word", new NewTopic("t", 1, (short) 1).configs(Map.of("cleanup.policy", "burn")));
    }

    private void refuse(String what, NewTopic topic) {
        var validateOnly = new CreateTopicsOptions().validateOnly(true);
        if (what.equals("collides")) {
            outcome("with_dot", () -> admin.createTopics(List.of(new NewTopic("with_dot", 1, (short) 1))).all());
        }
        outcome(what, () -> admin.createTopics(List.of(topic), validateOnly).all());
    }

    private void describedTopics() throws Exception {
        var options = new DescribeTopicsOptions().includeAuthorizedOperations(true);
        var byName = admin.describeTopics(List.of("configured", "assigned"), options).allTopicNames().get();
        for (var topic : new TreeMap<>(byName).values()) {
            sayTopic(topic);
        }
        var id = byName.get("configured").topicId();
        var byId = admin.describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds().get();
        say("by id: %s", byId.get(id).name());
        outcome("unknown", () -> admin.describeTopics(List.of("unknown")).allTopicNames());
        outcome("unknown id", () -> admin.describeTopics(
            TopicCollection.ofTopicIds(List.of(new Uuid(1, 2)))).allTopicIds());
        say("listed: %s", new TreeSet<>(admin.listTopics().names().get()));
    }

    private void sayTopic(TopicDescription topic) {
        say("%s internal %s operations %s", topic.name(), topic.isInternal(),
            new TreeSet<>(topic.authorizedOperations()));
        for (var partition : topic.partitions()) {
            say("%s-%d leads %s replicas %d isr %d elr %s last elr %s", topic.name(), partition.partition(),
                partition.leader().id() == brokerId(), partition.replicas().size(), partition.isr().size(),
                partition.elr(), partition.lastKnownElr());
        }
    }

    private void topicConfiguration() throws Exception {
        var options = new DescribeConfigsOptions().includeSynonyms(true);
        var resource = topicResource("configured");
        sayEntries(admin.describeConfigs(List.of(resource), options).all().get().get(resource), true);
        kindOfOutcome("of an unknown topic", () -> admin.describeConfigs(List.of(topicResource("unknown"))).all());
        outcome("of an illegal topic", () -> admin.describeConfigs(List.of(topicResource("a/b"))).all());
        var all = new ConfigResource(ConfigResource.Type.BROKER, "");
        sayEntries(admin.describeConfigs(List.of(all)).all().get().get(all), false);
    }

    private void alteredConfiguration() throws Exception {
        alter("set", "configured", op("flush.messages", "7", OpType.SET), op("retention.ms", "", OpType.DELETE));
        alter("append", "configured", op("cleanup.policy", "delete", OpType.APPEND));
        alter("append again", "configured", op("cleanup.policy", "delete", OpType.APPEND));
        alter("subtract", "configured", op("cleanup.policy", "compact", OpType.SUBTRACT));
        alter("append to a number", "configured", op("flush.ms", "1", OpType.APPEND));
        alter("unknown key", "configured", op("no.such.key", "1", OpType.SET));
        alter("delete an unknown key", "configured", op("no.such.key", "", OpType.DELETE));
        alter("no number", "configured", op("flush.ms", "soon", OpType.SET));
        alter("below the bound", "configured", op("flush.messages", "0", OpType.SET));
        alter("one good, one bad", "configured", op("flush.ms", "5", OpType.SET), op("segment.ms", "x", OpType.SET));
        alter("twice", "configured", op("flush.ms", "1", OpType.SET), op("flush.ms", "2", OpType.SET));
        alter("unknown topic", "unknown", op("flush.ms", "1", OpType.SET));
        var only = new AlterConfigsOptions().validateOnly(true);
        outcome("validated", () -> admin.incrementalAlterConfigs(
            Map.of(topicResource("configured"), List.of(op("flush.ms", "9", OpType.SET))), only).all());
        say("flush.ms is %s", value(topicResource("configured"), "flush.ms"));

        var all = new ConfigResource(ConfigResource.Type.BROKER, "");
        alterBroker("set for all brokers", all, op("log.retention.bytes", "1000000", OpType.SET));
        waitForValue(all, "log.retention.bytes", "1000000");
        var entry = entry(topicResource("defaults"), "retention.bytes");
        say("retention.bytes is %s by %s", entry.value(), entry.source());
        alterBroker("a key of the file", all, op("log.dirs", "/tmp/elsewhere", OpType.SET));
        alterBroker("unset for all brokers", all, op("log.retention.bytes", "", OpType.DELETE));
    }

    private void alter(String what, String topic, AlterConfigOp... operations) throws Exception {
        var resource = topicResource(topic);
        outcome(what, () -> admin.incrementalAlterConfigs(Map.of(resource, List.of(operations))).all());
        if (topic.equals("configured")) {
            Thread.sleep(100);
            var set = new TreeMap<String, String>();
            for (var entry : admin.describeConfigs(List.of(resource)).all().get().get(resource).entries()) {
                if (entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG) {
                    set.put(entry.name(), entry.value());
                }
            }
            say("  %s", set);
        }
    }

    private void alterBroker(String what, ConfigResource broker, AlterConfigOp operation) {
        outcome(what, () -> admin.incrementalAlterConfigs(Map.of(broker, List.of(operation))).all());
    }

    private void configurationResources() throws Exception {
        var types = List.of(ConfigResource.Type.TOPIC, ConfigResource.Type.GROUP, ConfigResource.Type.CLIENT_METRICS);
        for (var type : types) {
            var found = admin.listConfigResources(Set.of(type), new ListConfigResourcesOptions()).all().get();
            say("%s: %s", type, new TreeSet<>(found.stream().map(ConfigResource::name).toList()));
        }
        var brokers = admin.listConfigResources(Set.of(ConfigResource.Type.BROKER), new ListConfigResourcesOptions());
        say("brokers: %d", brokers.all().get().size());
    }

    private void offsets() throws Exception {
        create(new NewTopic("timed", 1, (short) 1));
        var now = System.currentTimeMillis() - HOUR_MS;
        produce("timed", now + 5, now + 9, now + 7);
        offset("earliest", OffsetSpec.earliest(), now);
        offset("latest", OffsetSpec.latest(), now);
        offset("of the largest time", OffsetSpec.maxTimestamp(), now);
        offset("at a time", OffsetSpec.forTimestamp(now + 6), now);
        offset("behind all times", OffsetSpec.forTimestamp(now + 10), now);
        offset("earliest local", OffsetSpec.earliestLocal(), now);
        offset("latest tiered", OffsetSpec.latestTiered(), now);
        offset("earliest pending upload", OffsetSpec.earliestPendingUpload(), now);
        create(new NewTopic("empty", 1, (short) 1));
        var empty = new TopicPartition("empty", 0);
        var found = admin.listOffsets(Map.of(empty, OffsetSpec.maxTimestamp())).partitionResult(empty).get();
        say("largest time of nothing: %d at %d", found.offset(), found.timestamp());
    }

    private void offset(String what, OffsetSpec spec, long now) {
        var partition = new TopicPartition("timed", 0);
        try {
            var found = admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get();
            var time = found.timestamp() < 0 ? String.valueOf(found.timestamp()) : "now+" + (found.timestamp() - now);
            say("%s: %d at %s, epoch %s", what, found.offset(), time, found.leaderEpoch());
        } catch (Exception error) {
            say("%s: %s", what, told(error));
        }
    }

    private void deletedRecords() throws Exception {
        create(new NewTopic("shortened", 1, (short) 1));
        var time = System.currentTimeMillis() - HOUR_MS;
        produce("shortened", time, time, time, time, time, time);
        delete("up to 4", "shortened", 4);
        delete("up to 2", "shortened", 2);
        delete("behind the end", "shortened", 7);
        say("read from %d", consume("shortened", 2).get(0).offset());
        delete("everything", "shortened", -1);
        var partition = new TopicPartition("shortened", 0);
        for (var spec : List.of(OffsetSpec.earliest(), OffsetSpec.latest())) {
            say("%d", admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get().offset());
        }
        create(new NewTopic("kept", 1, (short) 1).configs(Map.of("cleanup.policy", "compact")));
        delete("of a compacted topic", "kept", -1);
    }

    private void delete(String what, String topic, long before) {
        var partition = new TopicPartition(topic, 0);
        try {
            var deleted = admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(before)));
            say("%s: starts at %d", what, deleted.lowWatermarks().get(partition).get().lowWatermark());
        } catch (Exception error) {
            say("%s: %s", what, told(error));
        }
    }

    private void logFolders() throws Exception {
        var described = admin.describeLogDirs(List.of(brokerId())).allDescriptions().get().get(brokerId());
        say("folders %d", described.size());
        var folder = described.values().iterator().next();
        say("error %s cordoned %s", folder.error(), folder.isCordoned());
        say("knows its size: %s", folder.totalBytes().getAsLong() > folder.usableBytes().getAsLong());
        for (var partition : List.of(new TopicPartition("timed", 0), new TopicPartition("empty", 0))) {
            var replica = folder.replicaInfos().get(partition);
            say("%s size %d lag %d future %s", partition, replica.size(), replica.offsetLag(), replica.isFuture());
        }
        var replica = new TopicPartitionReplica("timed", 0, brokerId());
        var info = admin.describeReplicaLogDirs(List.of(replica)).all().get().get(replica);
        say("lag %d, future %s", info.getCurrentReplicaOffsetLag(), info.getFutureReplicaLogDir());
    }

    private void producers() throws Exception {
        create(new NewTopic("produced", 1, (short) 1));
        var time = System.currentTimeMillis();
        produce("produced", time, time, time);
        var partition = new TopicPartition("produced", 0);
        var states = admin.describeProducers(List.of(partition)).all().get().get(partition).activeProducers();
        for (var state : states) {
            say("epoch %d, last sequence %d, coordinator %s, transaction %s, in time %s", state.producerEpoch(),
                state.lastSequence(), state.coordinatorEpoch(), state.currentTransactionStartOffset(),
                Math.abs(state.lastTimestamp() - time) < HOUR_MS);
        }
    }

    private void quorum() throws Exception {
        var quorum = admin.describeMetadataQuorum().quorumInfo().get();
        say("voters %d observers %d nodes %d", quorum.voters().size(), quorum.observers().size(),
            quorum.nodes().size());
        say("a voter leads: %s", quorum.voters().get(0).replicaId() == quorum.leaderId());
        say("has an epoch: %s, a high watermark: %s", quorum.leaderEpoch() > 0, quorum.highWatermark() > 0);
        var voter = quorum.voters().get(0);
        say("is at the end: %s", voter.logEndOffset() >= quorum.highWatermark());
        say("has fetched: %s, was caught up: %s", voter.lastFetchTimestamp().isPresent(),
            voter.lastCaughtUpTimestamp().isPresent());
    }

    private void features() throws Exception {
        var features = admin.describeFeatures().featureMetadata().get();
        var level = features.finalizedFeatures().get("metadata.version");
        say("metadata.version %d to %d", level.minVersionLevel(), level.maxVersionLevel());
        say("has an epoch: %s", features.finalizedFeaturesEpoch().get() > 0);
        var upgrade = UpgradeType.UPGRADE;
        update("unknown feature", "no.such.feature", new FeatureUpdate((short) 1, upgrade));
        update("the level there is", "metadata.version", new FeatureUpdate(level.maxVersionLevel(), upgrade));
    }

    private void update(String what, String feature, FeatureUpdate update) {
        outcome(what, () -> admin.updateFeatures(Map.of(feature, update), new UpdateFeaturesOptions()).all());
    }

    private void keysOfACompactedTopic() throws Exception {
        create(new NewTopic("keyed", 1, (short) 1).configs(Map.of("cleanup.policy", "compact")));
        try (var producer = producer(Map.of("linger.ms", "500"))) {
            var sent = new ArrayList<Future<?>>();
            for (var key : new String[] {"a", null, "b"}) {
                sent.add(producer.send(new ProducerRecord<>("keyed", 0, key, "value")));
            }
            producer.flush();
            for (var one : sent) {
                kindOfOutcome("record", () -> one);
            }
        }
        say("%d arrived", admin.listOffsets(Map.of(new TopicPartition("keyed", 0), OffsetSpec.latest()))
            .partitionResult(new TopicPartition("keyed", 0)).get().offset());
    }

    private void timeOfAppending() throws Exception {
        create(new NewTopic("stamped", 1, (short) 1).configs(Map.of("message.timestamp.type", "LogAppendTime")));
        var sent = System.currentTimeMillis() - HOUR_MS;
        try (var producer = producer(Map.of())) {
            var place = producer.send(new ProducerRecord<>("stamped", 0, sent, "key", "value")).get();
            say("the producer is told another time: %s", place.timestamp() > sent);
            var record = consume("stamped", 1).get(0);
            say("%s, the same time: %s", record.timestampType(), record.timestamp() == place.timestamp());
        }
    }

    private void forcedCompression() throws Exception {
        var gzip = Map.of("compression.type", "gzip", "compression.gzip.level", "9");
        create(new NewTopic("squeezed", 1, (short) 1).configs(gzip));
        try (var producer = producer(Map.of("compression.type", "lz4"))) {
            var value = "abc".repeat(20_000);
            producer.send(new ProducerRecord<>("squeezed", 0, "key", value)).get();
            say("the same value: %s", consume("squeezed", 1).get(0).value().equals(value));
        }
    }

    private void sizeOfWhatWasCompressed() throws Exception {
        var folders = admin.describeLogDirs(List.of(brokerId())).allDescriptions().get().get(brokerId());
        var size = folders.values().iterator().next().replicaInfos().get(new TopicPartition("squeezed", 0)).size();
        say("smaller than lz4 makes it: %s", size < 300);
    }

    /** What ends at once with a sentence where there are no transactions and no groups of the newer protocol. */
    private void whatIsNotThereYet() throws Exception {
        create(new NewTopic("plain", 1, (short) 1));
        try (var producer = producer(Map.of("transactional.id", "t", "max.block.ms", "30000"))) {
            timed("transaction", producer::initTransactions);
        }
        var settings = consumerSettings();
        settings.putAll(Map.of("group.id", "g", "group.protocol", "consumer"));
        try (var consumer = new KafkaConsumer<String, String>(settings)) {
            consumer.subscribe(List.of("plain"));
            timed("group of the newer protocol", () -> consumer.poll(Duration.ofSeconds(30)));
        }
    }

    private void timed(String what, Step step) {
        var start = System.nanoTime();
        String told;
        try {
            step.run();
            told = "done";
        } catch (Exception error) {
            told = told(error);
        }
        say("%s: %d ms: %s", what, (System.nanoTime() - start) / 1_000_000, told);
    }

    private void sayEntries(Config config, boolean all) {
        config.entries().stream().sorted(Comparator.comparing(ConfigEntry::name))
            // Kafka sets this one itself when it formats a folder for eligible leader replicas.
            .filter(entry -> !entry.name().equals("min.insync.replicas"))
            .filter(entry -> all || entry.source() != ConfigEntry.ConfigSource.DEFAULT_CONFIG)
            .forEach(entry -> {
                say("%s=%s %s%s%s %s", entry.name(), entry.value(), entry.source(),
                    entry.isReadOnly() ? " read-only" : "", entry.isSensitive() ? " sensitive" : "", entry.type());
                for (var synonym : entry.synonyms()) {
                    say("  %s=%s %s", synonym.name(), synonym.value(), synonym.source());
                }
            });
    }

    private void create(NewTopic topic) throws Exception {
        admin.createTopics(List.of(topic)).all().get();
        waitFor(topic.name());
    }

    /** Brokers learn a moment later what the controller has done, and leaders a moment after that. */
    private void waitFor(String... topics) throws Exception {
        for (int attempt = 0; ; attempt++) {
            try {
                for (var topic : topics) {
                    var partition = new TopicPartition(topic, 0);
                    admin.listOffsets(Map.of(partition, OffsetSpec.latest())).all().get();
                    admin.describeTopics(List.of(topic)).allTopicNames().get();
                }
                return;
            } catch (ExecutionException error) {
                if (attempt == 100) {
                    throw error;
                }
                Thread.sleep(50);
            }
        }
    }

    private void waitForValue(ConfigResource resource, String key, String value) throws Exception {
        for (int attempt = 0; attempt < 100 && !value.equals(value(resource, key)); attempt++) {
            Thread.sleep(50);
        }
    }

    private String value(ConfigResource resource, String key) throws Exception {
        var entry = entry(resource, key);
        return entry == null ? null : entry.value();
    }

    private ConfigEntry entry(ConfigResource resource, String key) throws Exception {
        return admin.describeConfigs(List.of(resource)).all().get().get(resource).get(key);
    }

    private void produce(String topic, long... timestamps) throws Exception {
        try (var producer = producer(Map.of())) {
            for (var timestamp : timestamps) {
                producer.send(new ProducerRecord<>(topic, 0, timestamp, "key", "value")).get();
            }
        }
    }

    private List<ConsumerRecord<String, String>> consume(String topic, int count) {
        var found = new ArrayList<ConsumerRecord<String, String>>();
        try (var consumer = new KafkaConsumer<String, String>(consumerSettings())) {
            var partitions = List.of(new TopicPartition(topic, 0));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            for (int attempt = 0; attempt < 100 && found.size() < count; attempt++) {
                consumer.poll(Duration.ofMillis(100)).forEach(found::add);
            }
        }
        return found;
    }

    private KafkaProducer<String, String> producer(Map<String, Object> more) {
        var settings = new TreeMap<String, Object>(more);
        settings.put("bootstrap.servers", bootstrap);
        settings.put("key.serializer", StringSerializer.class);
        settings.put("value.serializer", StringSerializer.class);
        return new KafkaProducer<>(settings);
    }

    private TreeMap<String, Object> consumerSettings() {
        var settings = new TreeMap<String, Object>();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("key.deserializer", StringDeserializer.class);
        settings.put("value.deserializer", StringDeserializer.class);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        return settings;
    }

    private int brokerId() {
        try {
            return admin.describeCluster().nodes().get().iterator().next().id();
        } catch (InterruptedException | ExecutionException error) {
            throw new IllegalStateException(error);
        }
    }

    private static ConfigResource topicResource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }

    private static AlterConfigOp op(String key, String value, OpType type) {
        return new AlterConfigOp(new ConfigEntry(key, value), type);
    }

    private void section(String name, Step step) {
        say("# %s", name);
        try {
            step.run();
        } catch (Exception error) {
            say("broken off: %s", told(error));
        }
    }

    private void outcome(String what, Asked asked) {
        try {
            asked.ask().get();
            say("%s: done", what);
        } catch (Exception error) {
            say("%s: %s", what, told(error));
        }
    }

    /** Where the two servers use words of their own. */
    private void kindOfOutcome(String what, Asked asked) {
        try {
            asked.ask().get();
            say("%s: done", what);
        } catch (Exception error) {
            say("%s: %s", what, told(error).split(":")[0]);
        }
    }

    private static String told(Throwable error) {
        while (error instanceof ExecutionException && error.getCause() != null) {
            error = error.getCause();
        }
        return error.getClass().getSimpleName() + ": " + error.getMessage();
    }

    private void say(String format, Object... values) {
        out.println(String.format(format, values).replace('\n', ' '));
    }

    @Override
    public void close() {
        admin.close();
    }

    private interface Step {
        void run() throws Exception;
    }

    private interface Asked {
        Future<?> ask() throws Exception;
    }
}
